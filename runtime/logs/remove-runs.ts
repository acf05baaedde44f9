import { unlinkSync } from "node:fs";
import type { Copy } from "../homes/copy.ts";
import type { HomeKeeping } from "../runs/home-keeping.ts";
import type { InstanceFiles } from "../runs/instance-files.ts";
import { numberOf, type RunRecord, type RunRecords } from "../runs/run-records.ts";
import { runsOfCopy } from "../runs/runs-of-copy.ts";
import { movingPath, retainedPath } from "./retained-part.ts";
import { indexPath } from "./time-index.ts";

/** Removes records and files of all runs of the copy but the newest `logs.maxFiles`; the last of these is `newest`. */
export function removeOldRuns(keeping: HomeKeeping, uid: string, newest: RunRecord): void {
  const { maxFiles } = newest.logs;
  if (numberOf(newest) <= maxFiles) return; // Runs count from 1: there can't be more, and the folder need not be read.
  for (const { record, uid: of } of runsOfCopy(keeping, uid).slice(0, -maxFiles)) {
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

function removeLogs({ stdout, stderr }: Partial<Pick<RunRecord, "stdout" | "stderr">>): void {
  for (const path of [stdout, stderr]) {
    if (path === undefined) continue;
    for (const file of [path, indexPath(path), retainedPath(path), movingPath(path)]) remove(file);
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
