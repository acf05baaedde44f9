import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { GlobalFlags } from "../../../cmd/wctl/command/common-options.ts";
import type { Session } from "../../../cmd/wctl/command/session.ts";
import { dispatch } from "../../../cmd/wctl/command-line/dispatch.ts";
import { exitCodeOf, isUnanswered, report } from "../../../cmd/wctl/errors/report.ts";
import type { Output } from "../../../cmd/wctl/output/output.ts";
import type { Terminal } from "../../../cmd/wctl/output/terminal.ts";
import { wantsColours } from "../../../cmd/wctl/text/colour.ts";
import { type Clock, systemClock } from "../../../lib/clock.ts";

export interface Ran {
  code: number;
  out: string;
  err: string;
}

export interface RunOptions {
  stdin?: string;
  terminal?: Terminal;
  /** The user at the editor. */
  edit?: (path: string) => Promise<void>;
  isTTY?: boolean;
  columns?: number;
  clock?: Clock;
  signal?: AbortSignal;
  env?: Readonly<Record<string, string>>;
  /** Keeps everything that is written, as it is. */
  onWrite?: (text: string) => void;
}

const pipeTerminal = (text: string): Terminal => ({
  input: Readable.from(text === "" ? [] : [Buffer.from(text)]),
  isTTY: false,
  size: () => ({ columns: 80, rows: 24 }),
  raw: () => {},
  onResize: () => () => {},
  release: () => {},
});

/** Runs the words of a command line as `main.ts` does, on the session that `open` makes of its flags; `warn` is for its warnings. */
export async function runWords(
  words: readonly string[],
  open: (flags: GlobalFlags, warn: (line: string) => void) => Session,
  options: RunOptions = {},
): Promise<Ran> {
  const written = { out: [] as Buffer[], err: [] as Buffer[] };
  let untaken = 0;
  let colours = options.isTTY ?? false;
  const output = (name: "out" | "err"): Output => ({
    async write(text) {
      const bytes = Buffer.from(text as string); // Of bytes it makes a copy.
      written[name].push(bytes);
      options.onWrite?.(bytes.toString());
      if (name === "err") return;
      untaken += 1;
      await setImmediate(); // The reader takes its time.
      untaken -= 1;
    },
    isTTY: options.isTTY ?? false,
    colours,
    columns: options.columns ?? 80,
  });
  let err = output("err");
  let session: Session | undefined;
  let code: number;
  try {
    code = await dispatch(words, (flags) => {
      colours = wantsColours(flags.color, options.isTTY ?? false, options.env ?? {});
      err = output("err");
      session = open(flags, (text) => void err.write(`${text}\n`));
      return {
        session,
        out: output("out"),
        err,
        stdin: async () => Buffer.from(options.stdin ?? ""),
        terminal: () => options.terminal ?? pipeTerminal(options.stdin ?? ""),
        edit: options.edit ?? (() => Promise.reject(new Error("no editor is needed for this"))),
        clock: options.clock ?? systemClock,
        signal: options.signal ?? new AbortController().signal,
        env: options.env ?? {},
      };
    });
    assert.equal(untaken, 0, "the verb waits until its output is taken");
  } catch (error) {
    await err.write(report(error, undefined, isUnanswered(error) ? session?.whyNoAnswer() : undefined));
    code = exitCodeOf(error);
  }
  return { code, out: Buffer.concat(written.out).toString(), err: Buffer.concat(written.err).toString() };
}
