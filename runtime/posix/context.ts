import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { InstanceFiles } from "../instance-files.ts";
import type { RunRecords } from "../run-records.ts";
import type { Unenforced } from "../runtime.ts";
import type { Containment } from "./containment.ts";
import type { ExitWatcher } from "./exit-watcher.ts";

/** What the parts of the posix body share; made once by `PosixRuntime.open`. */
export interface PosixContext {
  readonly dataId: string;
  readonly bootId: string;
  readonly files: InstanceFiles;
  readonly records: RunRecords;
  readonly containment: Containment;
  readonly watcher: ExitWatcher;
  /** Empty when logs can be kept within their size here. */
  readonly unenforcedLogs: readonly Unenforced[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** With the pid the identity of a process: when it was made, of which boot. */
export function creationTime(bootId: string, startTicks: string): string {
  return `${bootId}/${startTicks}`;
}

/** Writes a record if it can be: a full disk must not keep a workload down, and group and marker are the record that counts. */
export function tolerate(context: PosixContext, uid: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    context.logger.warn("a run record could not be written", { uid, error: String(error) });
  }
}
