import type { Limits, Unenforced } from "../../runtime.ts";
import type { Spawn } from "../launcher/placement.ts";
import type { ExecTree } from "./exec-tree.ts";

/**
 * What holds a tree of processes together: a cgroup per instance, or nothing but the marker in the environment. One group per
 * instance, kept across its runs, so a restart makes no folder.
 */
export interface Containment {
  readonly kind: "cgroup-v1" | "cgroup-v2" | "marker";
  /**
   * What tells that a process is ours. `group`: all that is in the group started in it, and nothing else is ours. `marker`: proofs decide. `both`: a
   * child is moved in right after it was spawned, so for one that was not recorded the proof decides.
   */
  readonly membership: "group" | "marker" | "both";
  /** The limits that would not hold here. */
  unenforced(limits: Limits): Unenforced[];
  /**
   * Makes the group if need be, imposes the limits, and calls `spawn` so that the child is inside as early as the system allows: from its first
   * instruction where there is a launcher, or right after. Also answers which limits were refused.
   */
  spawnInto(uid: string, limits: Limits, spawn: Spawn): { pid: number; unenforced: Unenforced[] };
  /**
   * The tree of one probe or hook beside the workload. `mark`: an entry of its environment that nobody else has. `name`: no other tree of this uid
   * has it.
   */
  execTree(uid: string, name: string, mark: string): ExecTree;
  /** The ones that an earlier daemon left. */
  execTrees(uid: string): ExecTree[];
  /** Processes alive in the group, those of probes and hooks too; the marker body reads all of /proc. */
  members(uid: string): number[];
  /** As `members`, without the processes of probes and hooks where they can be told apart. */
  ownMembers(uid: string): number[];
  /** Whether this process, held by a pidfd, belongs to the group. */
  owns(uid: string, pid: number): boolean;
  /** Moves a process of ours that started outside into the group. */
  attach(uid: string, pid: number): void;
  /** Lets a kill of the tree come to its end: nothing new starts in it from now on, and where the system can, all die at once. */
  fence(uid: string): void;
  /** Takes back a fence that outlasts its tree. */
  unfence(uid: string): void;
  /** How often each of these limits was met so far, in all runs of the group; 0 for what is not limited. */
  limitCounts(uid: string, limits: Limits): LimitCounts;
  /** Files whose changes mean that a limit was met; empty without limits. The caller closes what it no longer watches. */
  limitNotices(uid: string, limits: Limits, since: LimitCounts): LimitNotice[];
  /** Instances that have a group. */
  uids(): string[];
  /** Removes an empty group. */
  remove(uid: string): void;
  /** Takes the groups away in which no process is left, and our folders when nothing is left in them. */
  close(): void;
}

/** `memory`: how often the system ended a process of the group for it; `processes`: how often it refused a new one. */
export type LimitCounts = Record<"memory" | "processes", number>;

export interface LimitNotice {
  limit: keyof LimitCounts;
  /** For `ProcessThread.notice`. */
  fd: number;
  /** True when the limit was met since the last time it was asked; the first time, since the counts that were given. */
  met(): boolean;
  close(): void;
}
