import { unlinkSync } from "node:fs";
import type { RunRecords } from "../run-records.ts";
import { indexPath } from "./time-index.ts";

/** Removes records and files of runs beyond the newest `maxFiles`. */
export function removeOldRuns(records: RunRecords, uid: string, maxFiles: number): void {
  for (const run of records.runs(uid).slice(0, -maxFiles)) {
    const { stdout, stderr } = records.get(uid, run) ?? {};
    removeLogs(stdout, stderr);
    records.remove(uid, run);
  }
}

export function removeLogs(...paths: (string | undefined)[]): void {
  for (const path of paths) {
    if (path === undefined) continue;
    for (const file of [path, indexPath(path)]) remove(file);
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
