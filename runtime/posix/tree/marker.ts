import type { Limits, Unenforced } from "../../runtime.ts";
import { allPids, isAlive, lastPid, pidsBetween, readIdentity, readStat } from "../process/proc.ts";
import type { Containment, LimitNotice } from "./containment.ts";
import type { ExecTree } from "./exec-tree.ts";
import { MarkedExecTree } from "./marked-exec-tree.ts";

/**
 * Without writable cgroups a tree is what carries the instance's marker in its environment: it is inherited over double forks and
 * new sessions, and lost only by a program that clears its environment itself. No limit holds here.
 */
export class MarkerContainment implements Containment {
  readonly kind = "marker";
  readonly #dataId: string;
  #snapshot: Map<string, number[]> | undefined;

  constructor(dataId: string) {
    this.#dataId = dataId;
  }

  unenforced(limits: Limits): Unenforced[] {
    return (["cpu", "memory", "processes"] as const)
      .filter((name) => limits[name] !== undefined)
      .map((name) => ({
        field: `resources.limits.${name}`,
        reason: "no cgroup of this machine can be written, and POSIX has no other limit that holds for a whole tree",
      }));
  }

  spawnInto(_uid: string, _limits: Limits, spawn: () => number): { pid: number; unenforced: Unenforced[] } {
    return { pid: spawn(), unenforced: [] };
  }

  execTree(_uid: string, _name: string, mark: string): ExecTree {
    return new MarkedExecTree(mark);
  }

  execTrees(): ExecTree[] {
    return [];
  }

  /**
   * One reading of /proc serves all exits that were told together, so 1000 at once cost a few. It is never older than the call in
   * which it is asked for: a process that was forked before its parent's end is in the reading made after that end was told.
   */
  members(uid: string): number[] {
    if (!this.#snapshot) {
      this.#snapshot = markedProcesses(this.#dataId);
      queueMicrotask(() => {
        this.#snapshot = undefined;
      });
    }
    return this.#snapshot.get(uid) ?? [];
  }

  ownMembers(uid: string): number[] {
    return this.members(uid);
  }

  owns(uid: string, pid: number): boolean {
    const identity = readIdentity(pid);
    return identity?.dataId === this.#dataId && identity.uid === uid;
  }

  attach(): void {}
  fence(): void {}
  unfence(): void {}
  memoryKills(): number {
    return 0;
  }
  limitNotices(): LimitNotice[] {
    return [];
  }
  uids(): string[] {
    return [];
  }
  remove(): void {}
  close(): void {}
}

/**
 * Living processes with a marker of this data directory, by uid. Reads all of /proc, and then what was born while it read: else a
 * child forked by one that ended meanwhile could be missed.
 */
export function markedProcesses(dataId: string): Map<string, number[]> {
  const byUid = new Map<string, number[]>();
  const look = (pid: number): void => {
    const identity = readIdentity(pid);
    if (identity?.dataId !== dataId || !isAlive(readStat(pid))) return;
    const pids = byUid.get(identity.uid) ?? [];
    if (!pids.includes(pid)) byUid.set(identity.uid, [...pids, pid]);
  };
  let from = lastPid();
  for (const pid of allPids()) look(pid);
  for (let to = lastPid(); to !== from; from = to, to = lastPid()) for (const pid of pidsBetween(from, to)) look(pid);
  return byUid;
}
