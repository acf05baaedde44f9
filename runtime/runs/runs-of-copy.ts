import { readFileSync } from "node:fs";
import type { Copy } from "../homes/copy.ts";
import type { RunFiles } from "../runtime.ts";
import type { HomeFiles } from "./home-files.ts";
import type { HomeKeeping } from "./home-keeping.ts";
import { numberOf, parseRecord, type RunRecord } from "./run-records.ts";

/** A run whose output may still be read. */
export interface KeptRun {
  record: RunRecord;
  /** The Instance that it is a run of. Absent: that Instance is gone. */
  uid?: string;
}

/** All runs of the copy that an Instance is of, ascending by their number: those of earlier Instances, then its own. */
export function runsOfCopy({ files, records }: HomeKeeping, uid: string): KeptRun[] {
  const copy = files.copyOf(uid);
  const earlier = copy ? runsInHome(files.homes, copy) : [];
  return [...earlier, ...records.read(uid).map((record) => ({ record, uid }))];
}

/** The runs of Instances that are gone, ascending. */
export function runsInHome(homes: HomeFiles, copy: Copy): KeptRun[] {
  return homes.recorded(copy).flatMap((number) => {
    const record = readRecord(homes.record(copy, number));
    if (!record || numberOf(record) !== number) return [];
    // The home may have been another Process's when the record was written.
    return [{ record: { ...record, ...homes.logsOf(copy, number, record.stderr !== undefined) } }];
  });
}

function readRecord(file: string): RunRecord | undefined {
  try {
    return parseRecord(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
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
