import { readdirSync } from "node:fs";
import { decodeName } from "../instance-files.ts";
import { removeLogs } from "../logs/retention.ts";
import type { RunRecord } from "../run-records.ts";
import type { ExitStatus } from "../runtime.ts";
import { creationTime, type PosixContext, tolerate } from "./context.ts";
import { endOf } from "./process/end-of-process.ts";
import { Pidfd } from "./process/pidfd.ts";
import { readIdentity, readStat } from "./process/proc.ts";
import { markedProcesses } from "./tree/marker.ts";

export interface FoundRun {
  uid: string;
  record: RunRecord;
  /** Held since before it was checked; absent: the main process has ended. */
  pidfd?: Pidfd;
}

/**
 * What earlier daemons started, newest run of each instance: from the records, the groups, and one reading of /proc for markers.
 * A process counts only by pid *and* creation time, or by its marker; a pid alone is never believed (P4, S10).
 */
export function recoverRuns(context: PosixContext): FoundRun[] {
  const marked = markedProcesses(context.dataId);
  const uids = new Set([...recordedUids(context), ...context.containment.uids(), ...marked.keys()]);
  return [...uids].flatMap((uid) => {
    const strays = marked.get(uid) ?? [];
    for (const pid of strays) if (!context.containment.owns(uid, pid)) adoptStray(context, uid, pid);
    return recoverOne(context, uid, strays) ?? [];
  });
}

function recoverOne(context: PosixContext, uid: string, marked: readonly number[]): FoundRun | undefined {
  const record = context.records.last(uid);
  const newer = marked.filter((pid) => (readIdentity(pid)?.run ?? 0) > (record?.run ?? Number.POSITIVE_INFINITY));
  const unrecorded = mainProcess(newer); // Its record could not be written, on a full disk.
  if (unrecorded !== undefined) return adoptUnrecorded(context, uid, unrecorded);
  if (record?.exit) return { uid, record };
  if (record?.pid !== undefined) return recoverRecorded(context, uid, record, record.pid);
  const candidates = marked.length > 0 ? marked : context.containment.members(uid);
  const main = mainProcess(candidates);
  if (main === undefined) return dropIntent(context, uid, record);
  return adoptUnrecorded(context, uid, main, record);
}

/** Intended, never born: the number is free again, and the run before it is the newest. */
function dropIntent(context: PosixContext, uid: string, record: RunRecord | undefined): FoundRun | undefined {
  if (record) {
    context.records.remove(uid, record.run);
    removeLogs(record.stdout, record.stderr);
    return recoverOne(context, uid, []);
  }
  if (context.records.runs(uid).length === 0) context.containment.remove(uid);
  return undefined;
}

/** A zombie that nobody has reaped yet still tells how it ended; of what is gone without a record nobody knows. */
function recoverRecorded(context: PosixContext, uid: string, record: RunRecord, pid: number): FoundRun {
  const pidfd = hold(context, pid, record.creationTime);
  if (pidfd && !pidfd.hasEnded) return { uid, record, pidfd };
  const end = pidfd ? endOf(pidfd.fd, pid) : { unknown: true as const };
  pidfd?.close();
  const exit: ExitStatus = { ...end, finishedAt: context.clock.wall().toISOString() };
  tolerate(context, uid, () => context.records.ended(uid, record.run, exit));
  return { uid, record: { ...record, exit } };
}

/** The daemon died between the birth and its record, or the record is damaged. */
function adoptUnrecorded(context: PosixContext, uid: string, pid: number, intent?: RunRecord): FoundRun | undefined {
  const pidfd = Pidfd.open(pid);
  const stat = readStat(pid);
  const run = readIdentity(pid)?.run ?? intent?.run ?? 1;
  if (!pidfd || !stat) {
    pidfd?.close();
    return undefined;
  }
  const record: RunRecord = {
    ...(intent?.run === run ? intent : unknownIntent(context, uid, run)),
    pid,
    creationTime: creationTime(context.bootId, stat.startTicks),
  };
  tolerate(context, uid, () => context.records.begin(uid, record));
  return { uid, record, pidfd };
}

/**
 * First the pidfd, then the check: what is held is what was checked. The kernel counts the time of birth in hundredths of a second; that it
 * leads its session, as each main process of ours does for all its life, tells it from a stranger born in the same one (P4).
 */
function hold(context: PosixContext, pid: number, expected: string | undefined): Pidfd | undefined {
  const pidfd = Pidfd.open(pid);
  if (!pidfd) return undefined;
  const stat = readStat(pid);
  if (stat?.session === pid && creationTime(context.bootId, stat.startTicks) === expected) return pidfd;
  pidfd.close();
  return undefined;
}

/** The leader of its session, and of several the oldest: that is how `startRun` makes it. */
function mainProcess(pids: readonly number[]): number | undefined {
  const stats = pids.flatMap((pid) => readStat(pid) ?? []);
  const leaders = stats.filter(({ pid, session }) => pid === session);
  const oldest = (leaders.length > 0 ? leaders : stats).sort((a, b) => Number(a.startTicks) - Number(b.startTicks));
  return oldest[0]?.pid;
}

function unknownIntent(context: PosixContext, uid: string, run: number): RunRecord {
  return {
    run,
    label: uid,
    startedAt: context.clock.wall().toISOString(),
    workingDir: context.files.work(uid),
    limits: {},
    logs: { maxSize: 10 * 1024 * 1024, maxFiles: 5, stderr: "Merge" },
    stdout: context.files.log(uid, run, "out"),
    unenforced: [],
  };
}

function adoptStray(context: PosixContext, uid: string, pid: number): void {
  const pidfd = Pidfd.open(pid);
  try {
    if (pidfd && readIdentity(pid)?.uid === uid) context.containment.attach(uid, pid);
  } catch (error) {
    context.logger.warn("a process could not be moved into its group", { uid, pid, error: String(error) });
  } finally {
    pidfd?.close();
  }
}

function recordedUids(context: PosixContext): string[] {
  return readdirSync(context.files.root).map(decodeName);
}
