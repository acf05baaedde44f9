import type { ProcessState } from "../../runtime/runtime.ts";

/** The program or anything of its tree. */
export const isAlive = (process: ProcessState | undefined): process is ProcessState =>
  process !== undefined && (process.phase === "running" || process.treeAlive);
