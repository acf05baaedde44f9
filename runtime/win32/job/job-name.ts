import { randomBytes } from "node:crypto";
import { encodeName } from "../../instance-files.ts";

/** In the environment of a workload: so its job is found when the run record is damaged. */
export const JOB_VARIABLE = "WCTL_JOB";

/**
 * Of one run's job: `Global\wctl-<data id>-<uid>-<run>-<random>`. Nobody can make it first, because of the random part, which the run
 * record keeps; and no run shares its limits, counters or messages with the one before.
 */
export function jobName(dataId: string, uid: string, run: number): string {
  return `Global\\wctl-${dataId}-${encodeName(uid)}-${run}-${randomBytes(8).toString("hex")}`;
}
