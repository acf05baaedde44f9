import type { Clock } from "../../../lib/clock.ts";
import type { Output } from "../output/output.ts";
import type { Terminal } from "../output/terminal.ts";
import type { Flags, Option } from "./option.ts";
import type { Session } from "./session.ts";
import type { Takes } from "./takes.ts";

/**
 * One verb. Everything that help, the parser and completion know about it is data; `run` is the only code.
 * Resolves with the exit code (nothing means 0); throws `Failure` or `StatusError` for what the user must read.
 */
export interface Command<Options extends readonly Option[] = readonly Option[]> {
  /** As typed: `get`, `rollout status`. */
  name: string;
  /** One sentence, for the list of verbs and the first line of help. */
  summary: string;
  /** More, when one sentence is not enough. */
  description?: string;
  /** The lines after `Usage:`, each without the program's name. */
  usage: readonly string[];
  examples: readonly Example[];
  /** What its words name. Absent: nothing that could be offered while somebody types. */
  takes?: Takes;
  options: Options;
  /** `atDash`: how many of the args stand before `--`; absent without one. */
  run(args: readonly string[], flags: Flags<Options>, context: Context, atDash?: number): Promise<number | undefined>;
}

export interface Example {
  what: string;
  /** Without the program's name when it starts with a verb. */
  line: string;
}

/** What a verb gets from outside; tests hand in their own. */
export interface Context {
  /** Opens the kubeconfig on first use, so that `wctl version --client` needs no server. */
  session: Session;
  out: Output;
  err: Output;
  /** The whole of standard input. */
  stdin: () => Promise<Buffer>;
  /** Standard input as it comes, and the terminal that it may be. Opened when it is asked for. */
  terminal: () => Terminal;
  /** Opens a file in the user's editor. Resolves when the editor has ended; rejects with Failure when it can't be started, or fails. */
  edit: (path: string) => Promise<void>;
  clock: Clock;
  /** Aborts on Ctrl-C. */
  signal: AbortSignal;
  env: Readonly<Record<string, string | undefined>>;
}

/** Keeps the option names and types of the table, so that `flags["dry-run"]` is checked. */
export const command = <const Options extends readonly Option[]>(definition: Command<Options>): Command =>
  definition as unknown as Command;
