import type { Readable, Writable } from "node:stream";
import type { TerminalSize } from "../../../api/exec/exec-session.ts";
import type { ExecStreams } from "./begin-exec.ts";

/** Both ends of what a command reads and writes. */
export interface ExecEnds {
  readonly theirs: ExecStreams;
  /** The command has its ends, or will never have them. */
  given(): void;
  readonly stdin?: Writable;
  readonly stdout: Readable;
  readonly stderr?: Readable;
  resize(size: TerminalSize): void;
  /** Nothing of the command lives any more. */
  finish(): void;
  destroy(): void;
}
