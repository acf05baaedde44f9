import { statSync, unlinkSync } from "node:fs";
import type { Copy } from "../homes/copy.ts";
import type { HomeKeeping } from "../runs/home-keeping.ts";
import type { InstanceFiles } from "../runs/instance-files.ts";
import { numberOf, type RunRecord } from "../runs/run-record.ts";
import type { RunRecords } from "../runs/run-records.ts";
import { runsOfCopy } from "../runs/runs-of-copy.ts";
import { movingPath, retainedPath } from "./retained-part.ts";
import { countKept } from "./retention.ts";
import { indexPath } from "./time-index.ts";

/** Removes records and files of the runs before `newest` that its policy does not keep any more. `now`: milliseconds of the wall clock. */
export function removeOldRuns(keeping: HomeKeeping, uid: string, newest: RunRecord, now: number): void {
  const { maxFiles, maxTotalSize, maxAgeSeconds } = newest.logs;
  // Runs count from 1: there can't be more, and the folder need not be read.
  if (numberOf(newest) <= maxFiles && maxTotalSize === undefined && maxAgeSeconds === undefined) return;
  const earlier = runsOfCopy(keeping, uid).slice(0, -1);
  const measured = earlier.map(({ record }) => ({
    bytes: maxTotalSize === undefined ? 0 : sizeOf(record),
    endedAt: Date.parse(record.exit?.finishedAt ?? record.startedAt),
  }));
  const kept = countKept(measured, newest.logs, now);
  for (const { record, uid: of } of earlier.slice(0, earlier.length - kept)) {
    if (of === undefined) removeEarlierRun(keeping.files, keeping.files.copyOf(uid)!, record);
    else removeRun(keeping.records, uid, record);
  }
}

/** Removes the files and the record of one run; the record goes last, for it says where the files are. */
export function removeRun(
  records: RunRecords,
  uid: string,
  record: Pick<RunRecord, "run"> & Partial<Pick<RunRecord, "stdout" | "stderr">>,
): void {
  removeLogs(record);
  records.remove(uid, record.run);
}

function removeEarlierRun({ homes }: InstanceFiles, copy: Copy, record: RunRecord): void {
  removeLogs(record);
  remove(homes.record(copy, numberOf(record)));
}

const removeLogs = (run: Output): void => {
  for (const file of filesOf(run)) remove(file);
};

type Output = Partial<Pick<RunRecord, "stdout" | "stderr">>;

const filesOf = ({ stdout, stderr }: Output): string[] =>
  [stdout, stderr]
    .filter((path) => path !== undefined)
    .flatMap((path) => [path, indexPath(path), retainedPath(path), movingPath(path)]);

/** What is released of a log takes no place, whatever its length says. */
function sizeOf(run: Output): number {
  const stats = filesOf(run).map((file) => statSync(file, { throwIfNoEntry: false }));
  return stats.reduce((sum, stat) => sum + (stat ? Math.min(stat.size, stat.blocks * 512) : 0), 0);
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
