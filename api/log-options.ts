/** What a reader of a log asks for, as `PodLogOptions` of the Kubernetes API. */
export interface LogOptions {
  /** Of the run before the present one. */
  previous?: boolean;
  /** Goes on while the run does. */
  follow?: boolean;
  /** Only lines from the last this many seconds. */
  sinceSeconds?: number;
  /** RFC 3339. */
  sinceTime?: string;
  tailLines?: number;
  timestamps?: boolean;
  limitBytes?: number;
  /** Default: All, which puts a separate stderr between the lines of stdout by time, as far as it is known. */
  stream?: "All" | "Stdout" | "Stderr";
  /** The bytes as they were written, instead of UTF-8 with lines that end in LF: not decoded, no line end changed, no line in pieces. */
  raw?: boolean;
}
