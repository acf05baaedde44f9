import { channels, type ExecConnection } from "../../../../api/exec/exec-connection.ts";
import { endedWith, exitCodeOfFailure } from "../../../../api/exec/exec-outcome.ts";
import { execQuery } from "../../../../api/exec/exec-query.ts";
import type { ExecRequest } from "../../../../api/exec/exec-session.ts";
import { makeKey } from "../../../../api/object.ts";
import { instances, processes } from "../../../../api/scheme.ts";
import { type Command, type Context, command } from "../../command/command.ts";
import { instancesByName } from "../../command/takes.ts";
import { Exit, Failure, usageFailure } from "../../errors/failure.ts";
import { pickInstances } from "../../input/pick-instances.ts";
import { parseTargets } from "../../input/targets.ts";
import { line } from "../../output/output.ts";
import type { Terminal } from "../../output/terminal.ts";
import { plain } from "../../text/plain.ts";
import { converse } from "./converse.ts";

/** Of a command in a request: the server takes 16 KiB of headers in all. */
const LONGEST_QUERY = 12 * 1024;

export const exec: Command = command({
  name: "exec",
  summary: "Run a command beside an instance, as its account, in its directory and environment.",
  description:
    "The command is a program and its arguments, never a shell. It runs in the tree of the instance, within its limits, and ends with it. What it prints is printed, and its exit code is passed on. When this program ends, by Ctrl-C or otherwise, the command is ended with all that it started. If a process has several instances, one that runs is chosen.",
  usage: ["exec (NAME | process/NAME | instance/NAME) [-i] [-t] -- COMMAND [ARG...]"],
  examples: [
    { what: "Look at the files of web", line: "wctl exec process/web -- ls -l" },
    { what: "A shell beside one copy, on a terminal", line: "wctl exec -it instance/web-0 -- sh" },
    { what: "Send it a file", line: "wctl exec -i web -- sh -c 'cat > seed.sql' < seed.sql" },
  ],
  takes: instancesByName,
  options: [
    { name: "stdin", short: "i", type: "boolean", description: "Pass standard input to the command." },
    { name: "tty", short: "t", type: "boolean", description: "Give the command a terminal (not on Windows yet)." },
    { name: "quiet", short: "q", type: "boolean", description: "Print only what the command prints." },
  ],
  async run(args, flags, context, atDash) {
    const [target, words] = split(args, atDash);
    const [instance] = await pickInstances([target], { selector: undefined, all: false }, context);
    const terminal = context.terminal();
    const onTerminal = flags.tty && (await mayUseTerminal(flags.stdin, terminal, context));
    const request: ExecRequest = {
      command: words,
      stdin: flags.stdin,
      ...(onTerminal && { terminal: { ...terminal.size(), name: context.env.TERM || "xterm" } }),
    };
    if (execQuery(request).length > LONGEST_QUERY) {
      throw new Failure("the command is too long for a request: pass it by standard input (-i) or in a file");
    }
    const { name, namespace } = instance!.metadata;
    const { client } = await context.session.open();
    const connection = await client
      .exec(makeKey(namespace, name), request, { signal: context.signal })
      .catch((error) => passOn(error));
    const ended = await attached(connection, request, terminal, context);
    if (ended.message !== undefined && !flags.quiet) await line(context.err, plain(ended.message));
    return ended.code;
  },
});

/** The target, and the command behind `--`. */
function split(args: readonly string[], atDash: number | undefined): [target: string, command: readonly string[]] {
  const [target, ...more] = args.slice(0, atDash ?? args.length);
  if (target === undefined) throw usageFailure("exec", "name an instance or a process");
  if (atDash === undefined || more.length > 0) {
    throw usageFailure(
      "exec",
      `put -- between the name and the command: wctl exec ${target} -- ${more.join(" ") || "COMMAND"}`,
    );
  }
  const words = args.slice(atDash);
  if (words.length === 0) throw usageFailure("exec", "you must specify at least one command");
  const resource = target.includes("/") ? parseTargets([target])[0]!.resource : instances;
  if (resource !== instances && resource !== processes) {
    throw new Failure(`cannot run commands beside ${resource.plural}: only beside instances and processes`);
  }
  return [target, words];
}

async function mayUseTerminal(stdin: boolean, { isTTY }: Terminal, { err }: Context): Promise<boolean> {
  if (isTTY || !stdin) return true;
  await line(err, "Unable to use a TTY - input is not a terminal or the right kind of file");
  return false;
}

/** Until the command has ended, the user's terminal is the command's. */
async function attached(
  connection: ExecConnection,
  request: ExecRequest,
  terminal: Terminal,
  { out, err }: Context,
): Promise<{ code: number; message?: string }> {
  const hasTerminal = request.terminal !== undefined;
  const isRaw = hasTerminal && request.stdin;
  const resized = terminal.onResize(() => {
    const { columns, rows } = terminal.size();
    const size = Buffer.from(JSON.stringify({ Width: columns, Height: rows }));
    if (hasTerminal) void connection.send(channels.resize, size);
  });
  if (isRaw) terminal.raw(true);
  try {
    const outcome = await converse(connection, { input: request.stdin ? terminal.input : undefined, out, err });
    if (outcome === undefined) {
      throw new Failure("the connection ended before the command did: how that ended is not known");
    }
    return endedWith(outcome);
  } catch (error) {
    return passOn(error);
  } finally {
    if (isRaw) terminal.raw(false);
    resized();
    connection.destroy();
    terminal.release();
  }
}

/** Throws it again, with the exit code that a shell has for it. */
function passOn(error: unknown): never {
  const code = exitCodeOfFailure(error);
  throw code === undefined ? error : new Exit(code, error);
}
