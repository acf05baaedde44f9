import type { Composed, Place, YamlReading } from "../composed.ts";
import { Block } from "./block.ts";
import { DASH } from "./characters.ts";
import { Lines } from "./lines.ts";
import { locate, type Marks } from "./marks.ts";
import { ifSure, unsure } from "./unsure.ts";

/**
 * The documents of a text in the simple part of YAML, in which almost all manifests and kubeconfigs are written: maps and lists in either style, scalars on one line, block
 * scalars, comments. Undefined for everything that it is not sure of: the library reads that, and says what is wrong with it. What it does return is what the
 * library returns, with the same places; it exists because the library takes ten times as long, and to load it takes longer than to start the CLI.
 */
export function simpleYaml(text: string, { variables }: Pick<YamlReading, "variables"> = {}): Composed[] | undefined {
  if (variables && MAY_NAME_A_VARIABLE.test(text)) return undefined;
  const roots = ifSure(() => rootsOf(text, undefined));
  if (!roots) return undefined;
  let marked: ((index: number, path: string) => Place | undefined) | undefined;
  return roots.map(({ value, document, line, range }, index) => ({
    value,
    document,
    line,
    range,
    grown: 0,
    locate(path) {
      marked ??= placesOf(text);
      return marked(index, path);
    },
  }));
}

/** Also by escapes. */
const MAY_NAME_A_VARIABLE = /\$\{|\\[xu]/;

interface Root {
  value: unknown;
  offset: number;
  document: number;
  line: number;
  range: [start: number, end: number];
}

const MAX_DOCUMENTS = 1000;

function rootsOf(text: string, marks: Marks | undefined): Root[] {
  // A line end for nobody else.
  if (text.includes("\r") && /\r(?!\n)/.test(text)) throw unsure;
  if (!text.isWellFormed()) throw unsure;
  const lines = new Lines(text);
  const block = new Block(lines, marks);
  const roots: Root[] = [];
  let document = 0;
  let isOpen = false;
  let start = 0;
  lines.next();
  while (lines.column >= 0) {
    if (lines.isMarker()) {
      const { at } = lines;
      if (text.charCodeAt(at) !== DASH) throw unsure;
      const last = roots.at(-1);
      if (isOpen && last?.document === document) last.range[1] = at;
      if (isOpen) start = at;
      document++;
      isOpen = true;
      if (document > MAX_DOCUMENTS) throw unsure;
      lines.finish(at + 3);
      continue;
    }
    if (!isOpen) document++;
    isOpen = true;
    if (roots.at(-1)?.document === document) throw unsure;
    const { at, number } = lines;
    const value = block.root();
    roots.push({ value, offset: at, document, line: number, range: [start, text.length] });
  }
  return roots;
}

/** The text is read again, with marks, and only for that. */
function placesOf(text: string): (index: number, path: string) => Place | undefined {
  const marks: Marks = new Map();
  const roots = rootsOf(text, marks);
  const starts = lineStarts(text);
  return (index, path) => {
    const offset = locate(roots[index]!, marks, path);
    return offset === undefined ? undefined : placeAt(starts, offset);
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function placeAt(starts: readonly number[], offset: number): Place {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - starts[low]! + 1 };
}
