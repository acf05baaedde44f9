#!/usr/bin/env node
import { writeSync } from "node:fs";
import { basename } from "node:path";
import { systemClock } from "../../lib/clock.ts";
import type { Context } from "./command/command.ts";
import type { GlobalFlags } from "./command/common-options.ts";
import type { Session } from "./command/session.ts";
import { dispatch } from "./command-line/dispatch.ts";
import { editFile } from "./edit-file.ts";
import { openSession } from "./open-session.ts";
import type { Output } from "./output/output.ts";
import { processTerminal } from "./output/process-terminal.ts";
import { eraseMovingLine, Progress } from "./output/progress.ts";
import { streamOutput } from "./output/stream-output.ts";
import { type ColourMode, painter, wantsColours } from "./text/colour.ts";

const INTERRUPTED = 130;
/** As a program that SIGPIPE ended. */
const PIPE_CLOSED = 141;

async function main(): Promise<number> {
  const words = process.argv.slice(2);
  const calledAsDaemon = basename(process.argv0).replace(/\.exe$/i, "") === "wctld";
  if (calledAsDaemon || words[0] === "daemon") {
    const { runDaemon } = await import("./daemon.ts");
    return runDaemon(calledAsDaemon ? words : words.slice(1));
  }
  if (words[0] === "__ctrlc") {
    const { sendConsoleEvent } = await import("./daemon.ts");
    return sendConsoleEvent(words.slice(1));
  }
  return runVerb(words);
}

/** Nobody reads any more, or it cannot be written, as on a full disk: a script must not take half an answer for the whole. */
function endWithout(name: string, { code, message }: NodeJS.ErrnoException): never {
  if (code === "EPIPE") process.exit(PIPE_CLOSED);
  if (name !== "standard error") writeSync(2, `error: cannot write to ${name}: ${message}\n`);
  process.exit(1);
}

async function runVerb(words: readonly string[]): Promise<number> {
  const abort = new AbortController();
  // Timers alone do not keep the process alive; a verb that waits for one must not be cut off.
  const alive = setInterval(() => {}, 2 ** 30);
  let debug = process.env.WCTL_DEBUG === "1";
  let err = outputOf(process.stderr, "auto");
  let session: Session | undefined;
  process.once("SIGINT", () => {
    if (err.isTTY) process.stderr.write(eraseMovingLine(err) || "\n");
    process.exit(INTERRUPTED);
  });
  process.stdout.on("error", (error) => endWithout("standard output", error));
  process.stderr.on("error", (error) => endWithout("standard error", error));
  try {
    return await dispatch(words, (flags) => {
      debug ||= (flags.v ?? 0) >= 8;
      err = outputOf(process.stderr, flags.color);
      const context = contextFor(flags, err, abort.signal);
      session = context.session;
      return context;
    });
  } catch (error) {
    const { exitCodeOf, isUnanswered, report, stackOf } = await import("./errors/report.ts");
    const why = isUnanswered(error) ? session?.whyNoAnswer() : undefined;
    process.stderr.write(report(error, painter(err), why) + (debug ? stackOf(error) : ""));
    return exitCodeOf(error);
  } finally {
    clearInterval(alive);
    abort.abort();
  }
}

const outputOf = (stream: NodeJS.WriteStream, mode: ColourMode): Output =>
  streamOutput(stream, wantsColours(mode, stream.isTTY === true, process.env));

function contextFor(flags: GlobalFlags, err: Output, signal: AbortSignal): Context {
  const out = outputOf(process.stdout, flags.color);
  const waiting = new Progress({ out, err });
  const warn = (text: string): void => {
    void err.write(`${eraseMovingLine(err)}${text.replace(/^Warning:/, (word) => painter(err)("yellow", word))}\n`);
  };
  return {
    session: openSession(flags, process.env, warn, (why = "") => waiting.show(why)),
    out,
    err,
    stdin: readStdin,
    terminal: processTerminal,
    edit: (path) => editFile(path, process.env),
    clock: systemClock,
    signal,
    env: process.env,
  };
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

// What it does not catch itself is a fault of the program: Node prints the rejection and ends with 1.
void main().then((code) => {
  process.exitCode = code;
});
