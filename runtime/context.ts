import { mkdirSync } from "node:fs";
import type { Logger } from "../lib/logger.ts";
import { readOrCreateDataId } from "./data-id.ts";
import { InstanceFiles } from "./runs/instance-files.ts";
import { RunProofs } from "./runs/run-proofs.ts";
import { RunRecords } from "./runs/run-records.ts";
import type { Unenforced } from "./runtime.ts";

/** What the parts of a body share, whatever the operating system. */
export interface RuntimeContext {
  readonly dataId: string;
  readonly files: InstanceFiles;
  readonly records: RunRecords;
  readonly proofs: RunProofs;
  /** Empty when logs can be kept within their size here. */
  readonly unenforcedLogs: readonly Unenforced[];
  readonly logger: Logger;
}

/** Makes the data directory (0700) when it is missing. Throws when what is in it is damaged. */
export function openDataDirectory(dataDir: string): Pick<RuntimeContext, "dataId" | "files" | "records" | "proofs"> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const files = new InstanceFiles(dataDir);
  return {
    dataId: readOrCreateDataId(dataDir),
    files,
    records: new RunRecords(files),
    proofs: new RunProofs(dataDir),
  };
}

/** `reason`: why the oldest part of a log can't be released here; absent where it can. */
export function unenforcedLogs(reason: string | undefined, logger: Logger): Unenforced[] {
  if (reason === undefined) return [];
  logger.warn("logs.maxSize is not enforced", { reason });
  return [{ field: "logs.maxSize", reason }];
}

/**
 * Writes a record if it can be written: a full disk must not keep a workload down. The record that counts is the operating system's: the group or
 * job, and the marker.
 */
export function tolerate({ logger }: Pick<RuntimeContext, "logger">, uid: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    logger.warn("a run record could not be written", { uid, error: String(error) });
  }
}
