import type { Clock } from "../../lib/clock.ts";
import type { RuntimeContext } from "../context.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { BlockingCalls } from "./blocking-calls.ts";
import type { Winapi } from "./ffi/winapi.ts";
import type { ExitWatcher } from "./job/exit-watcher.ts";
import type { ProcessorCounts } from "./job/job-limits.ts";
import type { HandleKeeper } from "./process/handle-keeper.ts";
import type { ConsoleSender } from "./stop/console-sender.ts";

/** What the parts of the win32 body share; made once by `Win32Runtime.open`. */
export interface Win32Context extends RuntimeContext {
  readonly api: Winapi;
  readonly watcher: ExitWatcher;
  /** Makes the calls that may take long. */
  readonly blockingCalls: BlockingCalls;
  readonly accounts: Accounts;
  /** The machine's variables, for our own helpers. */
  readonly baseEnvironment: Readonly<Record<string, string>>;
  /** Where bare command names are looked up. */
  readonly searchPath: readonly string[];
  readonly processors: ProcessorCounts;
  readonly consoleSender: ConsoleSender;
  readonly keeper: HandleKeeper;
  readonly clock: Clock;
}
