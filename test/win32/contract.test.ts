import { describe } from "node:test";
import { runtimeContract } from "../runtime/contract.ts";
import { isWindows } from "./platform.ts";
import { makeWin32Harness } from "./win32-harness.ts";

const name = "the win32 runtime";
if (isWindows) runtimeContract(name, () => makeWin32Harness());
else describe(name, { skip: "needs Windows" }, () => {});
