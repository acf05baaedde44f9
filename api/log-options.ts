/** What a reader of a log asks for, as `PodLogOptions` of the Kubernetes API; `run` and what follows it is ours. */
export interface LogOptions {
  /** Of the run before the present one. */
  previous?: boolean;
  /** Goes on while the run does; in frames for good, over all runs of the copy that come. */
  follow?: boolean;
  /** Only lines from the last this many seconds. */
  sinceSeconds?: number;
  /** RFC 3339. */
  sinceTime?: string;
  /** Of each run that is read. */
  tailLines?: number;
  timestamps?: boolean;
  limitBytes?: number;
  /** Default: All, which puts a separate stderr between the lines of stdout by time, as far as it is known. */
  stream?: "All" | "Stdout" | "Stderr";
  /** The bytes as they were written, instead of UTF-8 with lines that end in LF: not decoded, no line end changed, no line in pieces. */
  raw?: boolean;
  /** Of this run: its number among all runs of the copy. */
  run?: number;
  /** Of every run of the copy that is kept, the oldest first. */
  allRuns?: boolean;
  /** In frames: of every run of the Instance that is there now, and of none before. */
  present?: boolean;
  /** Of a Process: of the copy with this index. Default: 0. */
  index?: number;
  /** The answer says of which run each part is (`api/log-frame.ts`). */
  frames?: boolean;
  /** In frames: goes on after the frame that had this position. What chooses runs, times and last lines is then passed over. */
  position?: string;
}
