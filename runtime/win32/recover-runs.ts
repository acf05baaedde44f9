import { readdirSync } from "node:fs";
import { decodeName } from "../instance-files.ts";
import type { RunRecord } from "../run-records.ts";
import type { ExitStatus } from "../runtime.ts";
import { tolerate, type Win32Context } from "./context.ts";
import { Job } from "./job/job.ts";
import { jobName } from "./job/job-name.ts";
import { KILLED } from "./job/kill-tree.ts";
import { isConsoleHost } from "./job/tree.ts";
import { HeldProcess } from "./process/held-process.ts";
import { readMarker } from "./process/process-environment.ts";
import { systemProcesses } from "./process/system-processes.ts";
import { StopEvent, stopEventName } from "./stop/stop-event.ts";

export interface FoundRun {
  uid: string;
  record: RunRecord;
  /** Absent: nothing of the tree lives. */
  job?: Job;
  /** Absent: the main process has ended. */
  process?: HeldProcess;
  stopEvent?: StopEvent;
}

/** A process that carries our marker, held. */
interface Marked {
  process: HeldProcess;
  run: number;
  /** It has the environment of the program it was made for, and is not that program. */
  isConsole: boolean;
  /** Name of the job it was born in. */
  job?: string;
}

/**
 * What earlier daemons started, newest run of each instance: from the records, the jobs they name, and the markers in the environment
 * of what lives. A process counts only by pid *and* creation time, or by its marker (P4, S10); a job only when such a process is in it (S09).
 */
export function recoverRuns(context: Win32Context): FoundRun[] {
  const marked = markedProcesses(context);
  const uids = new Set([...readdirSync(context.files.root).map(decodeName), ...marked.keys()]);
  const found = [...uids].flatMap((uid) => recoverOne(context, uid, marked.get(uid) ?? []) ?? []);
  const kept = new Set(found.map(({ process }) => process));
  for (const { process } of [...marked.values()].flat()) if (!kept.has(process)) process.close();
  return found;
}

function recoverOne(context: Win32Context, uid: string, marked: readonly Marked[]): FoundRun | undefined {
  const programs = marked.filter(({ isConsole }) => !isConsole);
  const record = recordOf(context, uid, programs);
  if (!record) return undefined;
  const main = record.exit ? undefined : mainProcess(context, record, programs);
  const job = jobOf(context, uid, record, main, marked);
  if (!job) endConsoles(context, uid, marked);
  if (record.pid === undefined && !main) {
    job?.close();
    context.records.remove(uid, record.run); // Intended, never born: the number is free again.
    return undefined;
  }
  const known = job?.name === undefined ? record : { ...record, job: job.name };
  const whole = main ? { ...known, pid: main.pid, creationTime: main.creationTime } : ended(context, uid, known);
  if (record.pid === undefined || whole.job !== record.job) {
    tolerate(context, uid, () => context.records.begin(uid, whole)); // Later lines win over earlier ones.
  }
  const stopEvent = job?.name === undefined ? undefined : StopEvent.open(context.api, stopEventName(job.name));
  return { uid, record: whole, ...(job && { job }), ...(main && { process: main }), ...(stopEvent && { stopEvent }) };
}

/** What is left is no program, and nobody's console: as long as it lives it holds the output files that it was born with. */
function endConsoles(context: Win32Context, uid: string, marked: readonly Marked[]): void {
  for (const { process } of marked.filter(({ isConsole }) => isConsole)) {
    try {
      process.terminate(KILLED);
    } catch (error) {
      context.logger.warn("a console without programs could not be ended", { uid, error: String(error) });
    }
  }
}

/** The newest run: of the records, or of what lives, when its record could not be written or is damaged. */
function recordOf(context: Win32Context, uid: string, marked: readonly Marked[]): RunRecord | undefined {
  const record = context.records.last(uid);
  const newest = Math.max(0, ...marked.map(({ run }) => run));
  if (record && record.run >= newest) return record;
  if (marked.length === 0) return undefined;
  return {
    run: newest,
    label: uid,
    startedAt: context.clock.wall().toISOString(),
    workingDir: context.files.work(uid),
    limits: {},
    logs: { maxSize: 10 * 1024 * 1024, maxFiles: 5, stderr: "Merge" },
    stdout: context.files.log(uid, newest, "out"),
    unenforced: [],
  };
}

/** By pid and creation time; without a record of its birth the oldest of that run that carries the marker. */
function mainProcess(context: Win32Context, record: RunRecord, marked: readonly Marked[]): HeldProcess | undefined {
  if (record.pid === undefined) {
    const ofRun = marked.filter(({ run }) => run === record.run).map(({ process }) => process);
    return ofRun.sort((a, b) => Number(BigInt(a.creationTime) - BigInt(b.creationTime)))[0];
  }
  const known = marked.find(({ process }) => process.pid === record.pid)?.process;
  const held = known ?? HeldProcess.open(context.api, record.pid);
  if (held?.creationTime === record.creationTime && !held?.hasEnded) return held;
  if (held !== known) held?.close();
  return undefined;
}

/** The job that the record names, if what is in it is ours; else, for what lives without one, a fresh one around it. */
function jobOf(
  context: Win32Context,
  uid: string,
  record: RunRecord,
  main: HeldProcess | undefined,
  marked: readonly Marked[],
): Job | undefined {
  const all = [...(main ? [main] : []), ...marked.map(({ process }) => process)];
  const living = all.filter((process) => !marked.some((one) => one.process === process && one.isConsole));
  const names = new Set([record.job, ...marked.filter(({ run }) => run === record.run).map(({ job }) => job)]);
  for (const name of names) {
    const named = name === undefined ? undefined : Job.open(context.api, name);
    if (named && living.some((process) => named.has(process.handle))) return named;
    named?.close();
  }
  if (living.length === 0) return undefined;
  const name = jobName(context.dataId, uid, record.run);
  const job = Job.create(context.api, name);
  for (const process of new Set(all)) {
    try {
      job.assign(process.handle);
    } catch (error) {
      context.logger.warn("a process could not be put into a job", { uid, pid: process.pid, error: String(error) });
    }
  }
  return job;
}

function ended(context: Win32Context, uid: string, record: RunRecord): RunRecord {
  if (record.exit) return record;
  const exit: ExitStatus = { unknown: true, finishedAt: context.clock.wall().toISOString() };
  tolerate(context, uid, () => context.records.ended(uid, record.run, exit));
  return { ...record, exit };
}

/** Never a workload's; and whoever opens the memory of some of these is taken for a thief of passwords by antivirus programs. */
const SYSTEM = new Set([
  ...["lsass", "lsaiso", "csrss", "smss", "wininit", "winlogon", "services"],
  ...["msmpeng", "mssense", "system", "registry"],
]);

const isOfTheSystem = (image: string): boolean => SYSTEM.has(image.toLowerCase().replace(/\.exe$/, ""));

/** Of this data directory, by uid. Those we may not look into are not ours. */
function markedProcesses(context: Win32Context): Map<string, Marked[]> {
  const { api, dataId } = context;
  const found = new Map<string, Marked[]>();
  for (const { pid, image } of systemProcesses(api)) {
    const process = pid === 0 || isOfTheSystem(image) ? undefined : HeldProcess.open(api, pid);
    if (!process) continue;
    const identity = process.hasEnded ? undefined : readMarker(api, process.handle);
    if (identity?.dataId !== dataId) {
      process.close();
      continue;
    }
    const { job } = identity;
    const list = found.get(identity.uid) ?? [];
    found.set(identity.uid, [
      ...list,
      { process, run: identity.run, isConsole: isConsoleHost(image), ...(job !== undefined && { job }) },
    ]);
  }
  return found;
}
