import { type LaunchSpec, type Resolution, StartError } from "../runtime.ts";
import type { RunRecord } from "./run-record.ts";

/**
 * What a run was started with: the spec that is kept since its start, or, when an earlier daemon started it, what `resolve` answers now. Throws
 * `StartError` with the reason. A probe then errs instead of failing, so the workload is not ended for it.
 */
export function specOfRun(
  { uid, record, spec }: { uid: string; record: Pick<RunRecord, "label" | "run">; spec?: LaunchSpec },
  resolve: ((uid: string) => Resolution) | undefined,
): LaunchSpec {
  if (spec) return spec;
  const resolved = resolve?.(uid) ?? { missing: "nobody has told it since the daemon began" };
  if (!("missing" in resolved)) return { ...resolved, run: record.run };
  const message = `${record.label}: the environment of run ${record.run} can't be made again: ${resolved.missing}`;
  throw new StartError("SystemError", message);
}

/** As it is kept while the run lasts: the content of files is not needed any more. */
export function withoutFiles({ files: _, ...spec }: LaunchSpec): LaunchSpec {
  return spec;
}
