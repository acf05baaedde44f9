import type { LogOptions } from "../../api/log-options.ts";

/** The API server must read logs but never sees a process: the daemon hands this in. */
export interface LogSource {
  /** Rejects with NotFound when there is no such run. Ends when the log ends, or for `follow` when the run has ended or the signal aborts. */
  open(instanceUid: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
}
