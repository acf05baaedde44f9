import { encodeName } from "../../runs/folder-name.ts";
import type { RunProofs } from "../../runs/run-proofs.ts";

/** The variable in the environment of a workload, for its own information: no daemon reads it. */
export const JOB_VARIABLE = "WCTL_JOB";

const CODE_DIGITS = 16;

/**
 * The name of one run's job: `Global\\wctl-<data id>-<uid>-<run>-<code>`. Nobody else can make it first, because the code is made under a key of
 * ours. We can make it again without a record, when that is damaged or was never written. No run shares its limits, counters or messages with the one
 * before.
 */
export function jobName({ dataId, proofs }: { dataId: string; proofs: RunProofs }, uid: string, run: number): string {
  const code = proofs.of({ uid, run, accountId: "job" }).slice(0, CODE_DIGITS);
  return `Global\\wctl-${dataId}-${encodeName(uid)}-${run}-${code}`;
}
