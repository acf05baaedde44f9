import { sleep } from "../../../../lib/clock.ts";
import type { Context } from "../../command/command.ts";
import { Frame } from "../../output/frame.ts";
import { hearKeys } from "../../output/keys.ts";
import { line } from "../../output/output.ts";
import { painter } from "../../text/colour.ts";
import { isPassing } from "../../watching/follow.ts";
import { type Order, orders, type UsageRow } from "./usage-rows.ts";

export interface Watching {
  intervalMs: number;
  order: Order;
  look: () => Promise<UsageRow[]>;
  /** The table of these rows, with or without its header. */
  table: (rows: readonly UsageRow[]) => string;
}

const INTERRUPTED = 130;
const CTRL_C = "\x03";

/** The keys by which a person sorts. */
const KEYS: Readonly<Record<string, Order>> = { c: "cpu", m: "memory", h: "handles", p: "processes", n: "name" };
const HELP = " (c cpu, m memory, h handles, p processes, n name, q quit)";

/** Shows the table anew at each interval: in its place at a terminal, one below the other in a pipe. Resolves with the exit code. */
export async function watchUsage(rows: UsageRow[], watching: Watching, context: Context): Promise<number> {
  if (context.out.isTTY) return watchAtTerminal(rows, watching, context);
  for (let now: UsageRow[] | undefined = rows; ; now = await lookAgain(watching, context)) {
    if (now === undefined) return INTERRUPTED;
    await context.out.write(`${watching.table(now.sort(orders[watching.order]))}\n`);
    await pause(watching, context);
  }
}

async function watchAtTerminal(first: UsageRow[], watching: Watching, context: Context): Promise<number> {
  const terminal = context.terminal();
  const frame = new Frame(context.out, () => terminal.size());
  const paint = painter(context.out);
  const quit = new AbortController();
  const signal = AbortSignal.any([context.signal, quit.signal]);
  let rows = first;
  let { order } = watching;
  let help = "";
  let code = INTERRUPTED;
  const draw = async (): Promise<void> => {
    const table = watching.table(rows.sort(orders[order])).trimEnd().split("\n");
    const room = Math.max(1, terminal.size().rows - 2);
    const lines = [...table.slice(0, room), `every ${watching.intervalMs / 1000}s, by ${order}${help}`];
    await frame.draw(lines, (text, index) =>
      index === 0 ? paint("bold", text) : index === lines.length - 1 ? paint("dim", text) : text,
    );
  };
  const stop = hearKeys(terminal, (key) => {
    if (key === "q") code = 0;
    if (key === "q" || key === CTRL_C) quit.abort();
    if (!Object.hasOwn(KEYS, key)) return;
    order = KEYS[key]!;
    void draw();
  });
  if (stop) help = HELP;
  const stopResizing = terminal.onResize(() => void draw());
  try {
    while (!signal.aborted) {
      await draw();
      await pause(watching, { ...context, signal });
      if (!signal.aborted) rows = (await lookAgain(watching, { ...context, signal })) ?? rows;
    }
  } finally {
    stopResizing();
    stop?.();
  }
  return code;
}

const pause = ({ intervalMs }: Watching, { clock, signal }: Context): Promise<unknown> =>
  sleep(clock, intervalMs, signal).catch(() => undefined);

/** A server that is away for a moment is asked again. Undefined when nobody wants to know any more. */
async function lookAgain(watching: Watching, context: Context): Promise<UsageRow[] | undefined> {
  let told = false;
  while (!context.signal.aborted) {
    try {
      return await watching.look();
    } catch (error) {
      if (context.signal.aborted) return undefined;
      if (!isPassing(error)) throw error;
      if (!told && !context.out.isTTY) await line(context.err, `${(error as Error).message}; asking again`);
      told = true;
    }
    await pause(watching, context);
  }
  return undefined;
}
