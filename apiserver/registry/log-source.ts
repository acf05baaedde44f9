/** The API server must read logs but never sees a process: the daemon hands this in. */
export interface LogSource {
  /** Rejects with NotFound when there is no such run. Ends when the log ends, or for `follow` when the run has ended or the signal aborts. */
  open(instanceUid: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface LogOptions {
  previous?: boolean;
  follow?: boolean;
  /** Only lines from the last this many seconds. */
  sinceSeconds?: number;
  /** RFC 3339. */
  sinceTime?: string;
  tailLines?: number;
  timestamps?: boolean;
  limitBytes?: number;
  /** Default: All (stdout, then what is separate of stderr interleaved by time where it can be known). */
  stream?: "All" | "Stdout" | "Stderr";
  /** The bytes as they were written, instead of UTF-8 with lines that end in LF. */
  raw?: boolean;
}
