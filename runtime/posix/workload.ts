import type { RunRecord } from "../run-records.ts";
import type { LaunchSpec, ProcessState } from "../runtime.ts";
import type { Pidfd } from "./process/pidfd.ts";

/** One instance as this daemon knows it: its newest run, and what is held open for it. */
export interface Workload {
  readonly uid: string;
  readonly record: RunRecord;
  /** What others are shown; replaced whole, never changed. */
  state: ProcessState;
  /** Present while the main process lives or waits to be seen as ended. */
  pidfd?: Pidfd;
  /** Only of a run this daemon started: `exec` needs its environment. */
  spec?: LaunchSpec;
  /** `memoryKills` of the group when the run began: the group outlives runs. */
  memoryKillsBefore: number;
  /** Stops watching limits and left-over processes. */
  release: (() => void)[];
  /** Resolves when nothing of the tree lives. */
  readonly treeEnded: Promise<void>;
  readonly endTree: () => void;
}

export function makeWorkload(
  uid: string,
  record: RunRecord,
  state: ProcessState,
  more: Partial<Pick<Workload, "pidfd" | "spec" | "memoryKillsBefore">> = {},
): Workload {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { uid, record, state, memoryKillsBefore: 0, ...more, release: [], treeEnded: promise, endTree: resolve };
}
