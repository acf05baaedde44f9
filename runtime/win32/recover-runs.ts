import { tolerate } from "../context.ts";
import { removeRun } from "../logs/remove-runs.ts";
import type { RecoveryFailures } from "../recovery-failures.ts";
import type { RunRecord } from "../runs/run-record.ts";
import type { ExitStatus } from "../runtime.ts";
import type { Win32Context } from "./context.ts";
import { constants } from "./ffi/constants.ts";
import type { Job } from "./job/job.ts";
import { HeldProcess } from "./process/held-process.ts";
import { formerStopEventName, StopEvent, stopEventName } from "./stop/stop-event.ts";
import { jobAround, jobOf } from "./tree/job-of-run.ts";
import { unrecordedProcess } from "./unrecorded-process.ts";

export interface FoundRun {
  uid: string;
  record: RunRecord;
  /** Absent: nothing of the tree lives. */
  job?: Job;
  /** Absent: the main process has ended. */
  process?: HeldProcess;
  stopEvent?: StopEvent;
}

/**
 * Finds what earlier daemons started: the newest run of each instance that has a folder. The records decide: pid *and* creation time (P4, S10). Where
 * they do not tell, membership of its job proves a run: the job's name is made under a key of ours, and the job belongs to us (S09). No environment
 * is read: what stands there is a claim (P22). Calls `adopt` for each.
 */
export function recoverRuns(context: Win32Context, failures: RecoveryFailures, adopt: (run: FoundRun) => void): void {
  for (const uid of context.files.uids()) {
    failures.try(uid, () => {
      const run = recoverRun(context, uid);
      if (run) adopt(run);
    });
  }
}

export function recoverRun(context: Win32Context, uid: string): FoundRun | undefined {
  const record = context.records.last(uid);
  const main = record && !record.exit ? recorded(context, record) : undefined;
  if (record && main) {
    const job = jobOf(context, uid, record, main) ?? jobAround(context, uid, record, main);
    return adopted(context, uid, record, job, main);
  }
  const unrecorded = unrecordedProcess(context, uid, record);
  if (unrecorded) {
    tolerate(context, uid, () => context.records.begin(uid, unrecorded.record)); // Later lines win over earlier ones.
    return adopted(context, uid, unrecorded.record, unrecorded.job, unrecorded.process);
  }
  if (!record) return undefined;
  if (record.pid === undefined && !record.exit && !record.once) return dropIntent(context, uid, record);
  return adopted(context, uid, ended(context, uid, record), jobOf(context, uid, record), undefined);
}

/** A job that was found under another name is recorded under it, so that the next daemon finds it at once. */
function adopted(
  context: Win32Context,
  uid: string,
  record: RunRecord,
  job: Job | undefined,
  process: HeldProcess | undefined,
): FoundRun {
  const { api, accounts, keeper, records } = context;
  const whole: RunRecord = job?.name === undefined ? { ...record } : { ...record, job: job.name };
  const isKept = keeper.has(record.kept);
  const kept = job && process && !isKept ? keeper.keep(job.handle, process.handle) : undefined;
  if (kept) whole.kept = kept;
  if (!job) keeper.drop(record);
  if (whole.job !== record.job || kept) tolerate(context, uid, () => records.begin(uid, whole));
  const stopEvents = [
    stopEventName(context, uid, record.run),
    ...(record.job ? [formerStopEventName(record.job)] : []),
  ];
  const stopEvent = job && StopEvent.openFirst(api, stopEvents, accounts.own.sid);
  return { uid, record: whole, ...(job && { job }), ...(process && { process }), ...(stopEvent && { stopEvent }) };
}

/** The run was intended and never created: its number is free again, and the run before it is the newest. */
function dropIntent(context: Win32Context, uid: string, record: RunRecord): FoundRun | undefined {
  removeRun(context.records, uid, record);
  return recoverRun(context, uid);
}

/** Enough to see when it was created: after a restart of the machine the pid may be that of a process of the system. */
const LOOK = constants.PROCESS_QUERY_LIMITED_INFORMATION | constants.SYNCHRONIZE;

/** Opens the recorded process, by pid and creation time, which Windows counts in 100 ns. It is held first, and checked afterwards. */
function recorded({ api }: Win32Context, { pid, creationTime }: RunRecord): HeldProcess | undefined {
  const seen = pid === undefined ? undefined : HeldProcess.open(api, pid, LOOK);
  if (!seen) return undefined;
  try {
    if (seen.creationTime !== creationTime || seen.hasEnded) return undefined;
    return HeldProcess.open(api, seen.pid); // While one handle is held, the number is nobody else's.
  } finally {
    seen.close();
  }
}

/** Where its handle was kept, the system still knows how it ended; of the others nobody knows. */
function ended(context: Win32Context, uid: string, record: RunRecord): RunRecord {
  if (record.exit) return record;
  const kept = context.keeper.processOf(record.kept, record.pid ?? 0);
  const isIt = kept?.creationTime === record.creationTime && kept?.hasEnded === true;
  const seen = isIt ? kept.exit() : undefined;
  kept?.close();
  const exit: ExitStatus = seen ?? { unknown: true, finishedAt: context.clock.wall().toISOString() };
  tolerate(context, uid, () => context.records.ended(uid, record.run, exit));
  return { ...record, exit };
}
