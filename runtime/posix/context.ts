import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { InstanceFiles } from "../instance-files.ts";
import type { RunProofs } from "../run-proofs.ts";
import type { RunRecords } from "../run-records.ts";
import type { Unenforced } from "../runtime.ts";
import type { DynamicUsers } from "./accounts/dynamic-users.ts";
import type { Surroundings } from "./launcher/launch-calls.ts";
import type { ProcessThread } from "./process/process-thread.ts";
import type { Containment } from "./tree/containment.ts";

/** What a start needs; in the thread that makes it. */
export interface LaunchContext {
  readonly dataId: string;
  readonly bootId: string;
  readonly files: InstanceFiles;
  readonly records: RunRecords;
  readonly proofs: RunProofs;
  readonly containment: Containment;
  /** What every workload begins with. */
  readonly surroundings: Surroundings;
  /** Empty when logs can be kept within their size here. */
  readonly unenforcedLogs: readonly Unenforced[];
  readonly logger: Logger;
  /** What stands in this log is kept when others empty it, where that can be had. */
  readonly protectLog: (path: string) => void;
}

/** What the thread that makes starts has besides: only one may give accounts. */
export interface StartContext extends LaunchContext {
  readonly users: DynamicUsers;
}

/** What the parts of the posix body share; made once by `PosixRuntime.open`. */
export interface PosixContext extends LaunchContext {
  readonly processes: ProcessThread;
  readonly clock: Clock;
}

/** With the pid the identity of a process: when it was made, of which boot. */
export function creationTime(bootId: string, startTicks: string): string {
  return `${bootId}/${startTicks}`;
}

/** Writes a record if it can be: a full disk must not keep a workload down, and group and marker are the record that counts. */
export function tolerate(context: { logger: Logger }, uid: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    context.logger.warn("a run record could not be written", { uid, error: String(error) });
  }
}
