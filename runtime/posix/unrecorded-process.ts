import type { RunRecord } from "../run-records.ts";
import type { PosixContext } from "./context.ts";
import { type ProcStat, readStat } from "./process/proc.ts";
import { type Proven, provenAt } from "./tree/proven.ts";

/** The main process of a run, and which run that is. */
export interface Birth {
  pid: number;
  run: number;
  /** Known only where it is proven. */
  accountId?: string;
}

interface Candidate extends Birth {
  stat: ProcStat;
}

/**
 * The main process of a run of which the records do not tell: its daemon died right after the birth, the disk was full, or the record is damaged.
 * A run that is recorded is never displaced by it: only an intent without a birth, or a later run. `proven`: by their markers, where those count.
 */
export function unrecordedBirth(
  context: PosixContext,
  uid: string,
  last: RunRecord | undefined,
  proven: readonly Proven[],
): Birth | undefined {
  const candidates = [...inGroup(context, uid), ...outside(proven)].filter((one) => isNew(one, last));
  // It leads its session, as `startRun` makes it; of several it is the oldest of the newest run.
  const [main] = candidates
    .filter(
      ({ stat, run }) => stat.session === stat.pid && !isTooOld(context, stat, last?.run === run ? last : undefined),
    )
    .sort((a, b) => b.run - a.run || Number(a.stat.startTicks) - Number(b.stat.startTicks) || a.pid - b.pid);
  return main;
}

/** Who is in the group is ours. Which run it is its proof tells, else the newest file there is. */
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

/** Those whose account has changed since their birth are children of a run, never its main process. */
function outside(proven: readonly Proven[]): Candidate[] {
  return proven.flatMap(({ pid, run, accountId, hasAccount }) => {
    const stat = readStat(pid);
    return stat && hasAccount ? [{ pid, run, accountId, stat }] : [];
  });
}

const isNew = ({ run }: Birth, last: RunRecord | undefined): boolean =>
  last === undefined || run > last.run || (run === last.run && last.pid === undefined && !last.exit);

/** Born before the intent, in this boot. */
function isTooOld({ bootId }: PosixContext, stat: ProcStat, intent: RunRecord | undefined): boolean {
  const [boot, ticks] = intent?.notBefore?.split("/") ?? [];
  return boot === bootId && Number(stat.startTicks) < Number(ticks);
}
