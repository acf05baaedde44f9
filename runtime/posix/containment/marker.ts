import type { RunProofs } from "../../runs/run-proofs.ts";
import type { Limits, Unenforced } from "../../runtime.ts";
import type { Spawn } from "../launcher/placement.ts";
import type { Containment, LimitCounts, LimitNotice } from "./containment.ts";
import type { ExecTree } from "./exec-tree.ts";
import { MarkedExecTree } from "./marked-exec-tree.ts";
import { provenAt, provenProcesses } from "./proven.ts";

/**
 * Without writable cgroups a tree is made of the processes that carry the instance's marker with its proof in their environment. Both are inherited
 * over double forks and new sessions; only a program that clears its environment itself loses them. No limit holds here.
 */
export class MarkerContainment implements Containment {
  readonly kind = "marker";
  readonly membership = "marker";
  readonly #dataId: string;
  readonly #proofs: RunProofs;
  #snapshot: Map<string, number[]> | undefined;

  constructor(dataId: string, proofs: RunProofs) {
    this.#dataId = dataId;
    this.#proofs = proofs;
  }

  unenforced(limits: Limits): Unenforced[] {
    return (["cpu", "memory", "processes"] as const)
      .filter((name) => limits[name] !== undefined)
      .map((name) => ({
        field: `resources.limits.${name}`,
        reason: "no cgroup of this machine can be written, and POSIX has no other limit that holds for a whole tree",
      }));
  }

  spawnInto(_uid: string, _limits: Limits, spawn: Spawn): { pid: number; unenforced: Unenforced[] } {
    return { pid: spawn({}), unenforced: [] };
  }

  execTree(_uid: string, _name: string, mark: string): ExecTree {
    return new MarkedExecTree(mark);
  }

  execTrees(): ExecTree[] {
    return [];
  }

  /**
   * One reading of /proc serves all exits that were told of together, so 1000 at once cost a few. It is never older than the call that asks for it: a
   * process that was forked before its parent's end is in the reading that is made after that end was told.
   */
  members(uid: string): number[] {
    if (!this.#snapshot) {
      const proven = [...provenProcesses(this.#dataId, this.#proofs)];
      this.#snapshot = new Map(proven.map(([uid, all]) => [uid, all.map(({ pid }) => pid)]));
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
    return provenAt(pid, this.#dataId, this.#proofs)?.uid === uid;
  }

  attach(): void {}
  fence(): void {}
  unfence(): void {}
  limitCounts(): LimitCounts {
    return { memory: 0, processes: 0 };
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
