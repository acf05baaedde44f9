import type { RunFiles } from "../runtime.ts";
import { numberOf, type RunRecord } from "./run-record.ts";

/** A run whose output may still be read. */
export interface KeptRun {
  record: RunRecord;
  /** The Instance that it is a run of. Absent: that Instance is gone. */
  uid?: string;
}

export function filesOf({ record, uid }: KeptRun): RunFiles {
  return {
    run: numberOf(record),
    ...(uid !== undefined && { instanceRun: record.run }),
    ...(record.revision !== undefined && { revision: record.revision }),
    startedAt: record.startedAt,
    ...(record.exit && { finishedAt: record.exit.finishedAt, exit: record.exit }),
    stdout: record.stdout,
    ...(record.stderr !== undefined && { stderr: record.stderr }),
    ...(record.logs.encoding !== undefined && { encoding: record.logs.encoding }),
  };
}
