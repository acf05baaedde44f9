import { instances, urlPath } from "../../../../api/scheme.ts";
import type { Context } from "../../command/command.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { wantsColours } from "../../output/colour.ts";
import { line } from "../../output/output.ts";
import { LineSplitter } from "../../text/line-splitter.ts";
import { TerminalText } from "../../text/terminal-text.ts";

export interface LogStream {
  name: string;
  namespace: string;
  /** Before every line; empty for none. */
  prefix: string;
}

export interface PrintOptions {
  query: Readonly<Record<string, string>>;
  follow: boolean;
  ignoreErrors: boolean;
}

/** Followed logs are read side by side and mixed line by line; others one after the other. */
export async function printLogs(streams: readonly LogStream[], options: PrintOptions, context: Context): Promise<void> {
  const errors: unknown[] = [];
  const print = (stream: LogStream): Promise<unknown> =>
    printOne(stream, options.query, context).catch(async (error) => {
      if (!options.ignoreErrors) errors.push(error);
      else await line(context.err, `error: ${error instanceof Error ? error.message : String(error)}`);
    });
  if (options.follow) await Promise.all(streams.map(print));
  else for (const stream of streams) if (errors.length === 0) await print(stream);
  throwCollected(errors);
}

async function printOne(stream: LogStream, query: PrintOptions["query"], context: Context): Promise<void> {
  const { client } = await context.session.open();
  const path = `${urlPath(instances, stream.namespace, stream.name, "log")}?${new URLSearchParams(query)}`;
  const bytes = client.stream(path, { signal: context.signal });
  if (stream.prefix === "" && !context.out.isTTY) {
    for await (const chunk of bytes) await context.out.write(chunk);
    return;
  }
  const filter = context.out.isTTY ? new TerminalText({ colours: wantsColours(context) }) : undefined;
  const lines = new LineSplitter(filter);
  const show = (text: string): string => stream.prefix + text;
  for await (const chunk of bytes) {
    const whole = lines.push(chunk);
    if (whole.length > 0) await context.out.write(whole.map(show).join(""));
  }
  const rest = lines.end();
  if (rest !== "") await context.out.write(show(stream.prefix === "" ? rest : `${rest}\n`));
}
