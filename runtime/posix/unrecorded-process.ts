import type { RunRecord } from "../runs/run-record.ts";
import { type Proven, provenAt } from "./containment/proven.ts";
import type { PosixContext } from "./context.ts";
import { type ProcStat, readStat } from "./process/proc.ts";

/** The main process of a run, and which run that is. */
export interface UnrecordedProcess {
  pid: number;
  run: number;
  /** Known only where a proof tells it. */
  accountId?: string;
}

interface Candidate extends UnrecordedProcess {
  stat: ProcStat;
}

/**
 * Finds the main process of a run that the records do not tell of: its daemon died right after the start, the disk was full, or the record is damaged.
 * It takes the place of an intent without a process, or it belongs to a later run; it never displaces a recorded run. `proven`: processes that their
 * markers prove, where markers count.
 */
export function unrecordedProcess(
  context: PosixContext,
  uid: string,
  last: RunRecord | undefined,
  proven: readonly Proven[],
): UnrecordedProcess | undefined {
  const candidates = [...inGroup(context, uid), ...outside(proven)].filter((one) => isNew(one, last));
  // The main process leads its session, as `startRun` makes it. Of several we take the oldest of the newest run.
  const [main] = candidates
    .filter(
      ({ stat, run }) => stat.session === stat.pid && !isTooOld(context, stat, last?.run === run ? last : undefined),
    )
    .sort((a, b) => b.run - a.run || Number(a.stat.startTicks) - Number(b.stat.startTicks) || a.pid - b.pid);
  return main;
}

/** Every process in the group is ours. Its proof tells which run it is; without one we take the newest record file. */
function inGroup(context: PosixContext, uid: string): Candidate[] {
  const { containment, records, dataId, proofs } = context;
  if (containment.membership === "marker") return [];
  return containment.ownMembers(uid).flatMap((pid) => {
    const stat = readStat(pid);
    const proof = provenAt(pid, dataId, proofs);
    const known = proof?.uid === uid ? { run: proof.run, accountId: proof.accountId } : undefined;
    return stat ? [{ pid, stat, ...(known ?? { run: records.runs(uid).at(-1) ?? 1 }) }] : [];
  });
}

/** A process that has changed its account since it started is a child of a run, never its main process. */
function outside(proven: readonly Proven[]): Candidate[] {
  return proven.flatMap(({ pid, run, accountId, hasAccount }) => {
    const stat = readStat(pid);
    return stat && hasAccount ? [{ pid, run, accountId, stat }] : [];
  });
}

const isNew = ({ run }: UnrecordedProcess, last: RunRecord | undefined): boolean =>
  last === undefined || run > last.run || (run === last.run && last.pid === undefined && !last.exit);

/** It started before the intent, in this boot. */
function isTooOld({ bootId }: PosixContext, stat: ProcStat, intent: RunRecord | undefined): boolean {
  const [boot, ticks] = intent?.notBefore?.split("/") ?? [];
  return boot === bootId && Number(stat.startTicks) < Number(ticks);
}
