import { runtimeContract } from "../runtime/contract.ts";
import { isWindows, makeWin32Harness } from "./win32-harness.ts";

if (isWindows) runtimeContract("the win32 runtime", async () => makeWin32Harness());
