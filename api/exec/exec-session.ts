import type { Readable, Writable } from "node:stream";

/** Who asks for a session. */
export interface ExecUser {
  name: string;
  /** Under which name his sessions are counted. */
  budget: string;
}

/** A command to be run beside an Instance. */
export interface ExecRequest {
  /** The program and its arguments; never a shell. */
  command: readonly string[];
  /** False: its standard input is empty. */
  stdin: boolean;
  /** It gets a terminal: what it prints to standard error comes out with the rest. */
  terminal?: TerminalRequest;
}

/** In characters. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

export interface TerminalRequest extends TerminalSize {
  /** What TERM says: `xterm-256color`. */
  name: string;
}

/** A command that runs, with its streams. Whoever opened it closes it. */
export interface ExecSession {
  /** Absent when none was asked for. */
  readonly stdin?: Writable;
  /** Ends after the command has ended. Who does not read it holds the command up. */
  readonly stdout: Readable;
  /** Absent with a terminal. */
  readonly stderr?: Readable;
  /** Resolves when the command and all it started have ended; rejects when it never became its program. */
  readonly ended: Promise<ExecEnd>;
  /** Nothing happens without a terminal. */
  resize(size: TerminalSize): void;
  /** Ends the command with all it started. Never rejects. */
  close(): Promise<void>;
}

/** Exactly one of the two. */
export interface ExecEnd {
  code?: number;
  /** `SIGKILL`; POSIX only. */
  signal?: string;
}
