import { readFileSync } from "node:fs";
import type { Copy } from "../homes/copy.ts";
import type { HomeFiles } from "./home-files.ts";
import type { HomeKeeping } from "./home-keeping.ts";
import type { KeptRun } from "./kept-run.ts";
import { numberOf, parseRecord, type RunRecord } from "./run-record.ts";

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
