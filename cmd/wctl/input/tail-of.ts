import { StatusError } from "../../../api/errors.ts";
import type { HttpClient } from "../../../api/http/http-client.ts";
import type { Stored } from "../../../api/object.ts";
import { instances, urlPath } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { LineSplitter } from "../text/line-splitter.ts";
import { plain } from "../text/plain.ts";
import { TerminalText } from "../text/terminal-text.ts";

/** Longer lines are cut: they are shown to give an idea, and `wctl logs` has them whole. */
const LONGEST_LINE = 1000;

/** The last lines that an Instance wrote, in this run or in the one before; none when it has not written, or may not be read. */
export async function tailOf(
  client: HttpClient,
  { metadata }: Stored<Instance>,
  count: number,
  { previous = false }: { previous?: boolean } = {},
): Promise<string[]> {
  if (count <= 0) return [];
  const query = `tailLines=${count}${previous ? "&previous=true" : ""}`;
  const path = `${urlPath(instances, metadata.namespace, metadata.name, "log")}?${query}`;
  const splitter = new LineSplitter(new TerminalText({ colours: false }));
  const lines: string[] = [];
  try {
    for await (const chunk of client.stream(path, {})) {
      lines.push(...splitter.push(chunk).map(shortened));
      lines.splice(0, lines.length - count);
    }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return [];
  }
  const rest = splitter.end();
  return [...lines, ...(rest === "" ? [] : [shortened(rest)])].slice(-count);
}

function shortened(text: string): string {
  const line = plain(text.replace(/\n$/, ""));
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)}… (wctl logs shows all of it)`;
}
