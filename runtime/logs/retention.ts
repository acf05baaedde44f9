import { rmSync } from "node:fs";
import type { RunRecords } from "../run-records.ts";
import { indexPath } from "./time-index.ts";

/** Removes records and files of runs beyond the newest `maxFiles`. */
export function removeOldRuns(records: RunRecords, uid: string, maxFiles: number): void {
  const runs = records.runs(uid);
  if (runs.length <= maxFiles) return;
  const old = new Set(runs.slice(0, -maxFiles));
  for (const { run, stdout, stderr } of records.read(uid)) if (old.has(run)) removeLogs(stdout, stderr);
  for (const run of old) records.remove(uid, run);
}

export function removeLogs(...paths: (string | undefined)[]): void {
  for (const path of paths) {
    if (path === undefined) continue;
    rmSync(path, { force: true });
    rmSync(indexPath(path), { force: true });
  }
}
