import { promises } from "node:fs"; // loads what reads files only when one is read
import type { JsonPathTemplate } from "../../../api/jsonpath/jsonpath.ts";
import { didYouMean } from "../../../lib/near-miss.ts";
import { Failure } from "../errors/failure.ts";
import type { CustomColumn } from "./custom-columns.ts";

/** `-o`, taken apart. */
export type OutputFormat =
  | { kind: "table"; wide: boolean }
  | { kind: "json" }
  | { kind: "yaml" }
  | { kind: "name" }
  | { kind: "jsonpath"; template: JsonPathTemplate }
  | { kind: "jsonpath-as-json"; template: JsonPathTemplate }
  | { kind: "custom-columns"; columns: CustomColumn[] };

const NAMES = "custom-columns,custom-columns-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,wide,yaml";

/** Reads the `-file` forms and templates too, so that an error in them is reported before any request. */
export async function parseOutputFormat(text: string | undefined): Promise<OutputFormat> {
  if (text === undefined || text === "") return { kind: "table", wide: false };
  if (text === "wide") return { kind: "table", wide: true };
  if (text === "json" || text === "yaml" || text === "name") return { kind: text };
  const equals = text.indexOf("=");
  const [name, value] = equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
  const needed = (): string => {
    if (value === "") throw new Failure(`template format specified but no template given: write -o ${name}=...`);
    return value;
  };
  if (name === "jsonpath" || name === "jsonpath-as-json") return { kind: name, template: await template(needed()) };
  if (name === "jsonpath-file") return { kind: "jsonpath", template: await template(await textOf(needed())) };
  if (name === "custom-columns") return { kind: "custom-columns", columns: await columns(needed()) };
  if (name === "custom-columns-file") {
    return { kind: "custom-columns", columns: await columns(specOfFile(await textOf(needed()))) };
  }
  throw new Failure(
    `unable to match a printer suitable for the output format ${JSON.stringify(text)}, allowed formats are: ${NAMES}${didYouMean(name, NAMES.split(","))}`,
  );
}

const template = async (text: string): Promise<JsonPathTemplate> =>
  (await import("./jsonpath.ts")).jsonPathTemplate(text);

const columns = async (spec: string): Promise<CustomColumn[]> =>
  (await import("./custom-columns.ts")).parseCustomColumns(spec);

const textOf = (path: string): Promise<string> =>
  promises.readFile(path, "utf8").catch((error: Error) => {
    throw new Failure(`cannot read ${JSON.stringify(path)}: ${error.message}`, { cause: error });
  });

/** Two lines of words: the headers, and below each its path. */
function specOfFile(text: string): string {
  const [headers = [], paths = []] = text.split(/\r?\n/).map((one) => one.split(/\s+/).filter((word) => word !== ""));
  if (headers.length === 0 || headers.length !== paths.length) {
    throw new Failure(
      `expected a line of headers and a line with as many paths, got ${headers.length} and ${paths.length}`,
    );
  }
  return headers.map((header, index) => `${header}:${paths[index]}`).join(",");
}
