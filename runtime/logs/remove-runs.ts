import { unlinkSync } from "node:fs";
import type { RunRecord, RunRecords } from "../runs/run-records.ts";
import { movingPath, retainedPath } from "./retained-part.ts";
import { indexPath } from "./time-index.ts";

/** Removes records and files of all runs but the newest `logs.maxFiles`; the last of these is `newest`. */
export function removeOldRuns(records: RunRecords, uid: string, newest: Pick<RunRecord, "run" | "logs">): void {
  const { maxFiles } = newest.logs;
  if (newest.run <= maxFiles) return; // Runs count from 1: there can't be more, and the folder need not be read.
  for (const run of records.runs(uid).slice(0, -maxFiles)) {
    removeRun(records, uid, { run, ...records.get(uid, run) });
  }
}

/** Removes the files and the record of one run; the record goes last, for it says where the files are. */
export function removeRun(
  records: RunRecords,
  uid: string,
  { run, stdout, stderr }: Pick<RunRecord, "run"> & Partial<Pick<RunRecord, "stdout" | "stderr">>,
): void {
  for (const path of [stdout, stderr]) {
    if (path === undefined) continue;
    for (const file of [path, indexPath(path), retainedPath(path), movingPath(path)]) remove(file);
  }
  records.remove(uid, run);
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
