import { runtimeContract } from "../contract.ts";
import { treeContract } from "../tree-contract.ts";
import { cgroupRoots, makePosixHarness } from "./posix-harness.ts";

const [usual, ...others] = cgroupRoots();
runtimeContract(`the posix runtime (cgroups: ${usual})`, () => makePosixHarness(usual));
for (const root of others) treeContract(`the posix runtime (cgroups: ${root})`, () => makePosixHarness(root));
