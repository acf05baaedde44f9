import { blockScalar } from "./block-scalar.ts";
import { DASH, GREATER, isOpening, PIPE, SPACE } from "./characters.ts";
import { Flow } from "./flow.ts";
import { blockKey, isQuote, type Key, mustBeNew } from "./keys.ts";
import type { Lines } from "./lines.ts";
import type { Marks } from "./marks.ts";
import { plainOnLines, quotedOnLines } from "./on-lines.ts";
import { endOfPlain, plainText, typed } from "./plain-scalar.ts";
import { MOST_DEPTH, unsure } from "./unsure.ts";

/** A dash, a key with its colon, a value, and the spaces between them. */
const MEMBER = 8;

/** Reads block maps and lists, and what stands in them. */
export class Block {
  readonly #lines: Lines;
  readonly #marks: Marks | undefined;

  constructor(lines: Lines, marks: Marks | undefined) {
    this.#lines = lines;
    this.#marks = marks;
  }

  /** The value at `lines.at`, which is no scalar. Leaves `lines` at the line that follows. */
  root(): object {
    const { text, at } = this.#lines;
    if (isOpening(text.charCodeAt(at))) return new Flow(this.#lines, this.#marks, -1).read(0);
    const value = this.#collection(1);
    if (value === undefined) throw unsure;
    return value;
  }

  /** Undefined when a scalar stands there. */
  #collection(depth: number): object | undefined {
    if (depth > MOST_DEPTH) throw unsure;
    const lines = this.#lines;
    if (this.#isItem()) return this.#list(lines.column, depth);
    const key = this.#key();
    return key ? this.#map(key, lines.column, depth) : undefined;
  }

  /** Its keys stand in `column`; the first was read. */
  #map(first: Key, column: number, depth: number): Record<string, unknown> {
    const lines = this.#lines;
    const map: Record<string, unknown> = {};
    const offsets = this.#marks && new Map<string, number>();
    if (offsets) this.#marks?.set(map, offsets);
    for (let key: Key | undefined = first; key; ) {
      lines.spend(MEMBER);
      mustBeNew(map, key);
      offsets?.set(key.name, key.offset);
      map[key.name] = this.#member(key, column, depth);
      if (lines.column < column || lines.isMarker()) return map;
      if (lines.column > column) throw unsure;
      key = this.#key();
    }
    throw unsure;
  }

  /** The value of a key in `column`. */
  #member({ after }: Key, column: number, depth: number): unknown {
    const lines = this.#lines;
    const at = lines.skipSpaces(after);
    if (!lines.isRest(at)) {
      lines.moveTo(at);
      return this.#inline(column, depth);
    }
    lines.next();
    if (lines.column > column) return this.#nested(column, depth);
    if (lines.column === column && this.#isItem()) return this.#list(column, depth + 1);
    return null;
  }

  /** In lines of its own. */
  #nested(parent: number, depth: number): unknown {
    const { isAfterComment } = this.#lines;
    const collection = this.#collection(depth + 1);
    if (collection) return collection;
    // For the library the column of the comment decides where such a scalar ends.
    if (isAfterComment) throw unsure;
    return this.#inline(parent, depth);
  }

  /** Its dashes stand in `column`. */
  #list(column: number, depth: number): unknown[] {
    const lines = this.#lines;
    const list: unknown[] = [];
    const offsets: number[] = [];
    this.#marks?.set(list, offsets);
    do {
      lines.spend(MEMBER);
      const at = lines.skipSpaces(lines.at + 1);
      if (lines.isRest(at)) {
        lines.next();
        // An empty item.
        if (lines.column <= column) throw unsure;
      } else {
        lines.moveTo(at);
        lines.isAfterComment = false;
      }
      if (this.#marks) offsets.push(lines.at);
      list.push(this.#nested(column, depth));
    } while (lines.column === column && this.#isItem());
    if (lines.column > column) throw unsure;
    return list;
  }

  /** A value that begins in this line, and is neither a block map nor a block list. */
  #inline(parent: number, depth: number): unknown {
    const lines = this.#lines;
    const { text, at, end } = lines;
    const code = text.charCodeAt(at);
    if (code === PIPE || code === GREATER) return blockScalar(lines, parent);
    if (isOpening(code)) return new Flow(lines, this.#marks, parent).read(depth);
    if (isQuote(code)) return quotedOnLines(lines, parent);
    const stop = endOfPlain(text, at, end, false);
    if (stop >= end) return typed(plainOnLines(lines, parent, plainText(text, at, end)));
    lines.finish(stop);
    return typed(plainText(text, at, stop));
  }

  #key(): Key | undefined {
    const { text, at, end } = this.#lines;
    const code = text.charCodeAt(at);
    if (isOpening(code) || code === PIPE || code === GREATER) return undefined;
    return blockKey(text, at, end);
  }

  #isItem(): boolean {
    const { text, at, end } = this.#lines;
    return text.charCodeAt(at) === DASH && (at + 1 >= end || text.charCodeAt(at + 1) === SPACE);
  }
}
