import { LAST_RUN } from "../runs/run-number.ts";
import type { RunRecord } from "../runs/run-record.ts";
import { unknownIntent } from "../runs/unknown-intent.ts";
import type { Win32Context } from "./context.ts";
import { tokenConstants as c } from "./ffi/token-constants.ts";
import type { Job } from "./job/job.ts";
import { HeldProcess } from "./process/held-process.ts";
import { Token } from "./security/token.ts";
import { jobOf } from "./tree/job-of-run.ts";
import { isProgram } from "./tree/tree.ts";

export interface UnrecordedProcess {
  record: RunRecord;
  job: Job;
  process: HeldProcess;
}

/** So many runs may have gone unrecorded on a full disk. */
const UNRECORDED_RUNS = 64;
/** The system's creation times are coarser than our clock. 10 million units are a second. */
const COARSE = 10_000_000n;

/**
 * Finds the main process of a run that the records do not tell of: its daemon died right after the creation, the disk was full, or the record is
 * damaged. Its job is known by name without a record. Account and time must fit the intent; the oldest program in the job is the main one.
 */
export function unrecordedProcess(
  context: Win32Context,
  uid: string,
  last: RunRecord | undefined,
): UnrecordedProcess | undefined {
  for (const run of runsToAsk(context, uid, last)) {
    const intent = last?.run === run ? last : undefined;
    const job = jobOf(context, uid, intent ?? { run });
    if (!job) continue;
    const process = oldestProgram(context, job, intent);
    if (process)
      return { job, process, record: recordOf(context, intent ?? unknownIntent(context, uid, run), process) };
    job.close();
  }
  return undefined;
}

/** Newest first: runs whose record was never written, those whose record can't be read, and the one that was intended and not recorded as started. */
function runsToAsk({ records }: Win32Context, uid: string, last: RunRecord | undefined): number[] {
  const newest = last?.run ?? 0;
  const damaged = records.runs(uid).filter((run) => run > newest);
  const from = Math.max(newest, ...damaged);
  const unwritten = Array.from({ length: UNRECORDED_RUNS }, (_, index) => from + 1 + index).filter(
    (run) => run <= LAST_RUN,
  );
  const intended = last && last.pid === undefined && !last.exit ? [last.run] : [];
  return [...unwritten.reverse(), ...damaged.reverse(), ...intended];
}

function oldestProgram(context: Win32Context, job: Job, intent: RunRecord | undefined): HeldProcess | undefined {
  const { api } = context;
  const held = job.members().flatMap((pid) => (isProgram(api, pid) ? (HeldProcess.open(api, pid) ?? []) : []));
  const fitting = held.filter(
    (process) => job.has(process.handle) && !process.hasEnded && fits(context, process, intent),
  );
  const [oldest] = fitting.sort((a, b) => Number(BigInt(a.creationTime) - BigInt(b.creationTime)));
  for (const process of held) if (process !== oldest) process.close();
  return oldest;
}

function fits(context: Win32Context, process: HeldProcess, intent: RunRecord | undefined): boolean {
  const { accountId, notBefore } = intent ?? {};
  if (notBefore !== undefined && BigInt(process.creationTime) + COARSE < BigInt(notBefore)) return false;
  return accountId === undefined || userOf(context, process) === accountId;
}

function userOf({ api }: Win32Context, process: HeldProcess): string | undefined {
  const token = Token.ofProcess(api, process.handle, c.TOKEN_QUERY);
  try {
    return token.user;
  } finally {
    token.close();
  }
}

function recordOf(context: Win32Context, intent: RunRecord, process: HeldProcess): RunRecord {
  const { pid, creationTime } = process;
  const accountId = intent.accountId ?? userOf(context, process);
  return { ...intent, pid, creationTime, ...(accountId !== undefined && { accountId }) };
}
