import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { InstanceFiles } from "../instance-files.ts";
import type { RunProofs } from "../run-proofs.ts";
import type { RunRecords } from "../run-records.ts";
import type { Unenforced } from "../runtime.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { Winapi } from "./ffi/winapi.ts";
import type { ExitWatcher } from "./job/exit-watcher.ts";
import type { HandleKeeper } from "./job/handle-keeper.ts";
import type { ProcessorCounts } from "./job/job-limits.ts";
import type { ConsoleSender } from "./stop/console-sender.ts";

/** What the parts of the win32 body share; made once by `Win32Runtime.open`. */
export interface Win32Context {
  readonly api: Winapi;
  readonly dataId: string;
  readonly files: InstanceFiles;
  readonly records: RunRecords;
  readonly proofs: RunProofs;
  readonly watcher: ExitWatcher;
  readonly accounts: Accounts;
  /** The machine's variables: for our own helpers. */
  readonly baseEnvironment: Readonly<Record<string, string>>;
  /** For bare command names. */
  readonly searchPath: readonly string[];
  readonly processors: ProcessorCounts;
  readonly consoleSender: ConsoleSender;
  readonly keeper: HandleKeeper;
  /** Empty when logs can be kept within their size here. */
  readonly unenforcedLogs: readonly Unenforced[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Writes a record if it can be: a full disk must not keep a workload down, and the job and the marker are the record that counts. */
export function tolerate(context: Win32Context, uid: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    context.logger.warn("a run record could not be written", { uid, error: String(error) });
  }
}
