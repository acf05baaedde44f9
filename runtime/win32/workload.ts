import type { RunRecord } from "../run-records.ts";
import type { LaunchSpec, ProcessState } from "../runtime.ts";
import type { Profile } from "./accounts/profile.ts";
import type { Job } from "./job/job.ts";
import type { HeldProcess } from "./process/held-process.ts";
import type { StopEvent } from "./stop/stop-event.ts";

/** One instance as this daemon knows it: its newest run, and what is held open for it. */
export interface Workload {
  readonly uid: string;
  readonly record: RunRecord;
  /** What others are shown; replaced whole, never changed. */
  state: ProcessState;
  /** Present while something of the tree may live. */
  job?: Job;
  /** Present while the main process has not been seen as ended. */
  process?: HeldProcess;
  stopEvent?: StopEvent;
  /** Only of a run this daemon started: `exec` needs its environment. Without the password. */
  spec?: LaunchSpec;
  /** Of its account, where `spec` is. */
  base?: Readonly<Record<string, string>>;
  /** Loaded by this daemon for this run; unloaded when its tree has ended. */
  profile?: Profile;
  /** Stops the messages of the job. */
  unwatch?: () => void;
  /** Limits that were told of in this run. */
  readonly told: Set<string>;
  /** Resolves when nothing of the tree lives. */
  readonly treeEnded: Promise<void>;
  readonly endTree: () => void;
}

export type Held = Partial<Pick<Workload, "base" | "job" | "process" | "profile" | "spec" | "stopEvent">>;

export function makeWorkload(uid: string, record: RunRecord, state: ProcessState, held: Held): Workload {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { uid, record, state, ...held, told: new Set(), treeEnded: promise, endTree: resolve };
}
