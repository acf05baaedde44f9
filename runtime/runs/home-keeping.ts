import type { InstanceFiles } from "./instance-files.ts";
import type { RunRecords } from "./run-records.ts";

/** What it takes to enter and to leave a home, and to find the runs in it. */
export interface HomeKeeping {
  readonly files: InstanceFiles;
  readonly records: RunRecords;
}
