import { allPids, isAlive, lastPid, readEnvironment, readStat } from "../process/proc.ts";
import type { ExecTree } from "./exec-tree.ts";

/**
 * Without cgroups: what carries the mark in its environment. Only what was born since is looked at, not all of /proc; what a probe left that
 * outlived a whole round of the numbers ends with its workload at last.
 */
export class MarkedExecTree implements ExecTree {
  readonly #mark: string;
  #from = 0;

  /** `mark`: `NAME=value`, in the environment of nobody else. */
  constructor(mark: string) {
    this.#mark = mark;
  }

  join(spawn: () => number): number {
    this.#from = lastPid();
    return spawn();
  }

  members(): number[] {
    const isYoung = lastPid() >= this.#from ? (pid: number) => pid > this.#from : () => true;
    return allPids().filter((pid) => isYoung(pid) && this.owns(pid));
  }

  owns(pid: number): boolean {
    return readEnvironment(pid)?.includes(this.#mark) === true && isAlive(readStat(pid));
  }

  fence(): void {}
  remove(): void {}
}
