import type { ProcessState } from "../../runtime/runtime.ts";

/** The program runs, or anything that it has started does. */
export const isAlive = (process: ProcessState | undefined): process is ProcessState =>
  process !== undefined && (process.phase === "running" || process.treeAlive);
