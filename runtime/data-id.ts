import { join } from "node:path";
import { readOrCreateRandom } from "./random-file.ts";

/**
 * The name of this data directory on this machine: in the environment of each workload and in the names of jobs and cgroups. Not a
 * secret. A damaged file is an error, because a new id would disown every running workload.
 */
export function readOrCreateDataId(dataDir: string): string {
  const advice = "restore it from WCTL_DATA_ID in the environment of a running workload, or remove it when none runs";
  return readOrCreateRandom(join(dataDir, "data-id"), 8, advice);
}
