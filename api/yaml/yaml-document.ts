/** Reads YAML 1.2's core schema (so JSON too), and nothing beyond what JSON can hold. */
import { type Composed, compose, type Place, type YamlReading } from "./compose.ts";
import { yamlText } from "./yaml-text.ts";

export interface YamlDocument {
  value: unknown;
  file: string;
  /** 1-based, empty documents counted. */
  document: number;
  /** Where the value begins. */
  line: number;
  /** Characters that aliases and variables have put into it. */
  grown: number;
  /** Where the field is written, by a path like `spec.env[0].name`; undefined when the text does not have it. */
  lineOf(fieldPath: string): Place | undefined;
}

/** A document as plain data, which can be sent from one thread to another. */
export interface PlainDocument extends Omit<YamlDocument, "lineOf"> {
  /** What was read, this document only. */
  text: string;
  /** Lines of the file before `text`. */
  linesBefore: number;
  /** Of a List: where each of its items begins. */
  items: readonly Place[];
}

/**
 * The documents of a file, in order; those without content are left out. Throws a ManifestError that names the place and what to do:
 * for what is not YAML, duplicate keys, merge keys, tags, keys that could reach a prototype, bombs, and all that JSON cannot hold. With `onFault` it
 * throws only what keeps the whole file from being read.
 */
export const readYaml = (source: string | Uint8Array, file: string, reading?: YamlReading): YamlDocument[] =>
  plainDocuments(source, file, reading).map((document) => withLines(document));

/** The same as plain data. */
export function plainDocuments(source: string | Uint8Array, file: string, reading?: YamlReading): PlainDocument[] {
  const text = yamlText(source, file);
  let at = 0;
  let linesBefore = 0;
  return compose(text, file, reading).map((composed) => {
    const [start, end] = composed.range;
    for (let next = text.indexOf("\n", at); next >= 0 && next < start; next = text.indexOf("\n", at)) {
      linesBefore++;
      at = next + 1;
    }
    const { value, document, line, grown } = composed;
    return { value, file, document, line, grown, text: text.slice(start, end), linesBefore, items: itemsOf(composed) };
  });
}

function itemsOf({ value, locate }: Composed): Place[] {
  const items = (value as { items?: unknown } | null)?.items;
  if (!Array.isArray(items)) return [];
  return items.map((_, index) => locate(`items[${index}]`) ?? { line: 1, column: 1 });
}

/** Lines are asked for when something is wrong: the document is read again then, unless its text is `longest` characters or more. */
export function withLines(plain: PlainDocument, longest = Number.POSITIVE_INFINITY): YamlDocument {
  const { text, linesBefore, items, ...read } = plain;
  const lineOf = (path: string): Place | undefined => {
    const item = /^items\[(\d{1,9})\]$/.exec(path);
    if (item) return items[Number(item[1])];
    const place = text.length < longest ? placeIn(text, read.file, path) : undefined;
    return place && { line: place.line + linesBefore, column: place.column };
  };
  return { ...read, lineOf };
}

/** What was looked at last; nothing else of what was composed is held. */
let latest: { text: string; composed: Composed | undefined } | undefined;

function placeIn(text: string, file: string, path: string): Place | undefined {
  if (latest?.text !== text) latest = { text, composed: compose(text, file).at(-1) };
  return latest.composed?.locate(path);
}
