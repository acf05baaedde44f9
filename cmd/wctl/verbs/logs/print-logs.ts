import { LogFrameReader } from "../../../../api/log-frame.ts";
import type { Context } from "../../command/command.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { line } from "../../output/output.ts";
import { LogPrinter } from "./log-printer.ts";
import { marks } from "./marks.ts";
import type { PickedLog } from "./pick-logs.ts";

export interface PrintOptions {
  query: Readonly<Record<string, string>>;
  follow: boolean;
  ignoreErrors: boolean;
  isPrefixed: boolean;
}

/** Followed logs are read side by side and mixed line by line; others one after the other. */
export async function printLogs(logs: readonly PickedLog[], options: PrintOptions, context: Context): Promise<void> {
  const errors: unknown[] = [];
  const print = (log: PickedLog): Promise<unknown> =>
    printOne(log, options, context).catch(async (error) => {
      if (!options.ignoreErrors) errors.push(error);
      else await line(context.err, `error: ${error instanceof Error ? error.message : String(error)}`);
    });
  if (options.follow) await Promise.all(logs.map(print));
  else for (const log of logs) if (errors.length === 0) await print(log);
  throwCollected(errors);
}

async function printOne(log: PickedLog, { query, isPrefixed }: PrintOptions, context: Context): Promise<void> {
  const { client } = await context.session.open();
  const printer = new LogPrinter(context, () => (isPrefixed ? `[instance/${log.name}] ` : ""));
  const isMarked = query.allRuns !== undefined && context.out.isTTY;
  const asked = new URLSearchParams({ ...log.query, ...query, ...(isMarked && { frames: "true" }) });
  const bytes = client.stream(`${log.path}?${asked}`, { signal: context.signal });
  if (isMarked) await printFrames(log, bytes, printer);
  else for await (const chunk of bytes) await printer.print(chunk);
  await printer.end();
}

async function printFrames({ name }: PickedLog, bytes: AsyncIterable<Uint8Array>, printer: LogPrinter): Promise<void> {
  const reader = new LogFrameReader();
  for await (const chunk of bytes) {
    for (const frame of reader.push(chunk)) {
      if (frame.type === "output") await printer.print(frame.bytes);
      else if (frame.type === "begin") await printer.mark(marks.began(name, frame.run, frame.startedAt));
      else await printer.mark(marks.ended(name, frame.run, frame.exit));
    }
  }
}
