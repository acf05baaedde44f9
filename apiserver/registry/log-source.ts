import type { LoggedCopy } from "../../api/copy.ts";
import type { LogOptions } from "../../api/log-options.ts";

/** The API server must read logs but never sees a process: the daemon hands this in. */
export interface LogSource {
  /**
   * Text, or encoded frames. Rejects with NotFound when there is no such run. Ends when the log ends, for `follow` when the run has ended (in frames
   * never), and when the signal aborts.
   */
  open(copy: LoggedCopy, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
}
