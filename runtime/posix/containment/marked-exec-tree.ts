import type { Spawn } from "../launcher/placement.ts";
import { allPids, isAlive, lastPid, readEnvironment, readStat } from "../process/proc.ts";
import type { ExecTree } from "./exec-tree.ts";

/**
 * Without cgroups: the processes that carry the mark in their environment. It looks only at what started since, not at all of /proc. What a probe
 * left behind and outlived a whole round of the pids ends with its workload.
 */
export class MarkedExecTree implements ExecTree {
  readonly #mark: string;
  #from = 0;

  /** `mark`: `NAME=value`, in the environment of nobody else. */
  constructor(mark: string) {
    this.#mark = mark;
  }

  join(spawn: Spawn): number {
    this.#from = lastPid();
    return spawn({});
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
