import { tolerate } from "../context.ts";
import { removeRun } from "../logs/remove-runs.ts";
import type { RecoveryFailures } from "../recovery-failures.ts";
import type { RunRecord } from "../runs/run-record.ts";
import { unknownIntent } from "../runs/unknown-intent.ts";
import type { ExitStatus } from "../runtime.ts";
import { type Proven, provenAt, provenProcesses } from "./containment/proven.ts";
import type { PosixContext } from "./context.ts";
import { creationTime } from "./process/creation-time.ts";
import { endOf } from "./process/end-of-process.ts";
import { Pidfd } from "./process/pidfd.ts";
import { readStat } from "./process/proc.ts";
import { type UnrecordedProcess, unrecordedProcess } from "./unrecorded-process.ts";

export interface FoundRun {
  uid: string;
  record: RunRecord;
  /** It was opened before it was checked. Absent: the main process has ended. */
  pidfd?: Pidfd;
}

/**
 * Finds what earlier daemons started: the newest run of each instance. The records decide; where they do not tell, only proof counts (P4, S10, P22):
 * membership of a group that nobody else can put processes into, or without groups the proof in the environment. Calls `adopt` for each.
 */
export function recoverRuns(context: PosixContext, failures: RecoveryFailures, adopt: (run: FoundRun) => void): void {
  const proven = provenWhere(context);
  const uids = new Set([...context.files.uids(), ...context.containment.uids(), ...proven.keys()]);
  for (const uid of uids) {
    failures.try(uid, () => {
      const run = recoverRun(context, uid, proven.get(uid) ?? []);
      if (run) adopt(run);
    });
  }
}

/** @param proven processes of this instance */
export function recoverRun(
  context: PosixContext,
  uid: string,
  proven: readonly Proven[] = provenWhere(context).get(uid) ?? [],
): FoundRun | undefined {
  const record = context.records.last(uid);
  const pidfd = record && !record.exit ? hold(context, record) : undefined;
  if (record && pidfd) return !pidfd.hasEnded ? { uid, record, pidfd } : unseen(context, uid, record, pidfd);
  const unrecorded = unrecordedProcess(context, uid, record, proven);
  if (unrecorded) return adoptUnrecorded(context, uid, unrecorded, record);
  if (record?.exit) return { uid, record };
  if (record?.pid !== undefined || record?.once) return unseen(context, uid, record);
  if (record) return dropIntent(context, uid, record, proven);
  if (context.records.runs(uid).length === 0) context.containment.remove(uid);
  return undefined;
}

/** Where groups hold all that is ours, no marker is looked at. */
function provenWhere({ containment, dataId, proofs }: PosixContext): Map<string, Proven[]> {
  return containment.membership === "group" ? new Map() : provenProcesses(dataId, proofs);
}

/** The run was intended and never started: its number is free again, and the run before it is the newest. */
function dropIntent(
  context: PosixContext,
  uid: string,
  record: RunRecord,
  proven: readonly Proven[],
): FoundRun | undefined {
  removeRun(context.records, uid, record);
  return recoverRun(context, uid, proven);
}

/** A zombie that nobody has reaped yet still tells how it ended. If it is gone without a record, nobody knows. */
function unseen(context: PosixContext, uid: string, record: RunRecord, pidfd?: Pidfd): FoundRun {
  const end = pidfd ? endOf(pidfd.fd, pidfd.pid) : { unknown: true as const };
  pidfd?.close();
  const exit: ExitStatus = { ...end, finishedAt: context.clock.wall().toISOString() };
  tolerate(context, uid, () => context.records.ended(uid, record.run, exit));
  return { uid, record: { ...record, exit } };
}

/** The daemon died between the start and its record, or the record is damaged or was never written. We hold the process first, then check it again. */
function adoptUnrecorded(
  context: PosixContext,
  uid: string,
  { pid, run, accountId }: UnrecordedProcess,
  last: RunRecord | undefined,
): FoundRun | undefined {
  const { containment, dataId, proofs, bootId } = context;
  const pidfd = Pidfd.open(pid);
  const stat = readStat(pid);
  const isOurs = containment.owns(uid, pid) || provenAt(pid, dataId, proofs)?.uid === uid;
  if (!pidfd || !stat || !isOurs) {
    pidfd?.close();
    return undefined;
  }
  if (containment.membership === "both" && !containment.owns(uid, pid)) containment.attach(uid, pid);
  const found = accountId === undefined ? {} : { accountId };
  const intent = last?.run === run ? last : { ...unknownIntent(context, uid, run), ...found };
  const record: RunRecord = { ...intent, pid, creationTime: creationTime(bootId, stat.startTicks) };
  tolerate(context, uid, () => context.records.begin(uid, record));
  return { uid, record, pidfd };
}

/**
 * We open the pidfd first and check afterwards, so what we hold is what we checked. The kernel counts start times in hundredths of a second. Each
 * main process of ours leads its session for all its life; that tells it from a stranger that started in the same hundredth (P4).
 */
function hold(context: PosixContext, { pid, creationTime: expected }: RunRecord): Pidfd | undefined {
  const pidfd = pid === undefined ? undefined : Pidfd.open(pid);
  if (!pidfd) return undefined;
  const stat = readStat(pidfd.pid);
  if (stat && stat.session === pid && creationTime(context.bootId, stat.startTicks) === expected) return pidfd;
  pidfd.close();
  return undefined;
}
