import type { RunRecord } from "./runs/run-record.ts";
import type { LaunchSpec, ProcessState } from "./runtime.ts";

/** One instance as this daemon knows it: its newest run. Each body of Runtime adds what it holds open for it. */
export interface Workload {
  readonly uid: string;
  readonly record: RunRecord;
  /** Shown to others; replaced whole, never changed. */
  state: ProcessState;
  /** Only of a run that this daemon started: `exec` needs its environment. */
  spec?: LaunchSpec;
  /** Resolves when nothing of the tree lives. */
  readonly treeEnded: Promise<void>;
  readonly endTree: () => void;
}

/** `account`: the account whose rights it has, for people. */
export function newWorkload(
  uid: string,
  record: RunRecord,
  shown: Pick<ProcessState, "adopted" | "treeAlive"> & { account: string | undefined },
): Workload {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { uid, record, state: stateOf(uid, record, shown), treeEnded: promise, endTree: resolve };
}

function stateOf(
  uid: string,
  record: RunRecord,
  { adopted, treeAlive, account }: Parameters<typeof newWorkload>[2],
): ProcessState {
  return {
    uid,
    label: record.label,
    run: record.run,
    pid: record.pid ?? 0,
    creationTime: record.creationTime ?? "",
    startedAt: record.startedAt,
    phase: record.exit ? "exited" : "running",
    ...(record.exit && { exit: record.exit }),
    treeAlive,
    adopted,
    ...(record.given !== undefined && { given: record.given }),
    ...(account !== undefined && { account }),
    limits: record.limits,
    unenforced: record.unenforced,
  };
}
