/** What was read of a file of YAML 1.2 (so JSON too), whoever read it: nothing beyond what JSON can hold. */
import type { Composed, Place } from "./composed.ts";

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

/** `text`: what was composed. */
export function plainDocuments(text: string, file: string, all: readonly Composed[]): PlainDocument[] {
  let at = 0;
  let linesBefore = 0;
  return all.map((composed) => {
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

/** Reads a text that was read before. */
export type Compose = (text: string, file: string) => Composed[];

/** Lines are asked for when something is wrong: the document is composed again then, unless its text is `longest` characters or more. */
export function withLines(plain: PlainDocument, compose: Compose, longest = Number.POSITIVE_INFINITY): YamlDocument {
  const { text, linesBefore, items, ...read } = plain;
  const lineOf = (path: string): Place | undefined => {
    const item = /^items\[(\d{1,9})\]$/.exec(path);
    if (item) return items[Number(item[1])];
    const place = text.length < longest ? placeIn(text, read.file, path, compose) : undefined;
    return place && { line: place.line + linesBefore, column: place.column };
  };
  return { ...read, lineOf };
}

/** What was looked at last; nothing else of what was composed is held. */
let latest: { text: string; composed: Composed | undefined } | undefined;

function placeIn(text: string, file: string, path: string, compose: Compose): Place | undefined {
  if (latest?.text !== text) latest = { text, composed: compose(text, file).at(-1) };
  return latest.composed?.locate(path);
}
