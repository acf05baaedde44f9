import { runtimeContract } from "../contract.ts";
import { cgroupRoots, makePosixHarness } from "./posix-harness.ts";

for (const root of cgroupRoots())
  runtimeContract(`the posix runtime (cgroups: ${root})`, async () => makePosixHarness(root));
