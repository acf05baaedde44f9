import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  HASH,
  isFlowMark,
  OPEN_BRACE,
  OPEN_BRACKET,
  SPACE,
  TAB,
} from "./characters.ts";
import { isQuote, type Key, mustBeNew, plainKey } from "./keys.ts";
import type { Lines } from "./lines.ts";
import type { Marks } from "./marks.ts";
import { endOfPlain, plainText, typed } from "./plain-scalar.ts";
import { quoted } from "./quoted-scalar.ts";
import { MOST_DEPTH, unsure } from "./unsure.ts";

/** A comma, a key with its colon, a value, and the spaces between them. */
const MEMBER = 12;

export const opensFlow = (code: number): boolean => code === OPEN_BRACE || code === OPEN_BRACKET;

/** Reads what stands in `{}` or `[]`, JSON too. */
export class Flow {
  readonly #lines: Lines;
  readonly #marks: Marks | undefined;
  /** Its further lines are indented deeper. */
  readonly #parent: number;
  #at: number;

  constructor(lines: Lines, marks: Marks | undefined, parent: number) {
    this.#lines = lines;
    this.#marks = marks;
    this.#parent = parent;
    this.#at = lines.at;
  }

  /** The value at `lines.at`. Leaves `lines` at the line that follows. */
  read(depth: number): unknown {
    const value = this.#value(depth);
    this.#lines.finish(this.#at);
    return value;
  }

  #value(depth: number): unknown {
    this.#lines.spend(MEMBER);
    const { text, end } = this.#lines;
    const code = text.charCodeAt(this.#at);
    if (code === OPEN_BRACE) return this.#map(depth + 1);
    if (code === OPEN_BRACKET) return this.#list(depth + 1);
    if (isQuote(code)) {
      const { value, after } = quoted(text, this.#at, end);
      this.#at = after;
      return value;
    }
    return typed(this.#plain());
  }

  #map(depth: number): Record<string, unknown> {
    if (depth > MOST_DEPTH) throw unsure;
    const map: Record<string, unknown> = {};
    const offsets = this.#marks && new Map<string, number>();
    if (offsets) this.#marks?.set(map, offsets);
    this.#at++;
    if (this.#next() === CLOSE_BRACE) return this.#closed(map);
    for (;;) {
      const key = this.#key();
      mustBeNew(map, key);
      offsets?.set(key.name, key.offset);
      this.#at = key.after;
      this.#next();
      map[key.name] = this.#value(depth);
      if (this.#isLast(CLOSE_BRACE)) return this.#closed(map);
    }
  }

  #list(depth: number): unknown[] {
    if (depth > MOST_DEPTH) throw unsure;
    const list: unknown[] = [];
    const offsets: number[] = [];
    this.#marks?.set(list, offsets);
    this.#at++;
    if (this.#next() === CLOSE_BRACKET) return this.#closed(list);
    for (;;) {
      if (this.#marks) offsets.push(this.#at);
      list.push(this.#value(depth));
      if (this.#isLast(CLOSE_BRACKET)) return this.#closed(list);
    }
  }

  #key(): Key {
    const { text, end } = this.#lines;
    const offset = this.#at;
    if (isQuote(text.charCodeAt(offset))) {
      const { value, after } = quoted(text, offset, end);
      if (text.charCodeAt(after) !== COLON) throw unsure;
      return { name: value, offset, after: after + 1 };
    }
    const colon = endOfPlain(text, offset, end, true);
    const code = text.charCodeAt(colon + 1);
    if (text.charCodeAt(colon) !== COLON || colon >= end || (colon + 1 < end && code !== SPACE)) throw unsure;
    return { name: plainKey(plainText(text, offset, colon)), offset, after: colon + 1 };
  }

  /** One that goes on in the next line is not for us, and neither is a comment behind it. */
  #plain(): string {
    const { text, end } = this.#lines;
    const from = this.#at;
    const to = endOfPlain(text, from, end, true);
    this.#at = to;
    if (to < end && text.charCodeAt(to) === SPACE) throw unsure;
    if (to >= end && opensFlow(this.#mark())) throw unsure;
    return plainText(text, from, to);
  }

  /** What follows is one. */
  #mark(): number {
    const code = this.#next();
    if (!isFlowMark(code)) throw unsure;
    return code;
  }

  /** Behind a member: true when `close` follows, false for another member, to which it goes. */
  #isLast(close: number): boolean {
    const code = this.#next();
    if (code === close) return true;
    if (code !== COMMA) throw unsure;
    this.#at++;
    const next = this.#next();
    if (isFlowMark(next) && !opensFlow(next)) throw unsure;
    return false;
  }

  #closed<T>(collection: T): T {
    this.#at++;
    return collection;
  }

  /** To what is no space, in the next lines too; its code. In here the library has rules of its own for comments. */
  #next(): number {
    const lines = this.#lines;
    this.#at = lines.skipSpaces(this.#at);
    if (this.#at >= lines.end) {
      do {
        if (!lines.any()) throw unsure;
        lines.spend(1);
      } while (lines.at === lines.end);
      if (lines.column <= this.#parent || lines.isMarker()) throw unsure;
      this.#at = lines.at;
    }
    const code = lines.text.charCodeAt(this.#at);
    if (code === HASH || code === TAB) throw unsure;
    return code;
  }
}
