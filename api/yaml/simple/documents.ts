import { Block } from "./block.ts";
import { DASH } from "./characters.ts";
import { Lines } from "./lines.ts";
import type { Marks } from "./marks.ts";
import { unsure } from "./unsure.ts";

/** What a document holds, which is a map or a list. */
export interface Root {
  value: object;
  /** Where it begins. */
  offset: number;
  /** 1-based. */
  line: number;
  document: number;
  /** Of the whole document, its mark and comments included. */
  range: [start: number, end: number];
}

/** Fewer than any limit. */
const MAX_DOCUMENTS = 1000;

/** The documents that hold something. */
export function documents(text: string, marks: Marks | undefined): Root[] {
  mustBeOrdinary(text);
  const lines = new Lines(text);
  const block = new Block(lines, marks);
  const roots: Root[] = [];
  lines.next();
  for (let document = 1; lines.column >= 0; document++) {
    if (document > MAX_DOCUMENTS) throw unsure;
    const start = document === 1 ? 0 : lines.start;
    const isMarked = passMarker(lines);
    // The first may do without; later it would be a second value of one document.
    if (!isMarked && document > 1) throw unsure;
    if (lines.column < 0 || lines.isMarker()) continue;
    const { at: offset, number: line } = lines;
    const value = block.root();
    const end = lines.column < 0 ? text.length : lines.start;
    roots.push({ value, offset, line, document, range: [start, end] });
  }
  return roots;
}

/** Goes behind a line of `---`. */
function passMarker(lines: Lines): boolean {
  if (!lines.isMarker()) return false;
  if (lines.text.charCodeAt(lines.at) !== DASH) throw unsure;
  lines.finish(lines.at + 3);
  return true;
}

/** A carriage return alone ends no line for some, and half a character is none. */
function mustBeOrdinary(text: string): void {
  if (text.includes("\r") && /\r(?!\n)/.test(text)) throw unsure;
  if (!text.isWellFormed()) throw unsure;
}
