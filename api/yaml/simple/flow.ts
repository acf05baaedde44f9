import { CLOSE_BRACE, CLOSE_BRACKET, isOpening, OPEN_BRACE } from "./characters.ts";
import { FlowText } from "./flow-text.ts";
import { mustBeNew } from "./keys.ts";
import type { Lines } from "./lines.ts";
import type { Marks } from "./marks.ts";
import { MOST_DEPTH, unsure } from "./unsure.ts";

/** A comma, a key with its colon, a value, and the spaces between them. */
const MEMBER = 12;

/** Reads maps in `{}` and lists in `[]`, JSON too. */
export class Flow {
  readonly #lines: Lines;
  readonly #text: FlowText;
  readonly #marks: Marks | undefined;

  /** The one that begins where `lines` is; its further lines are indented deeper than `parent`. */
  constructor(lines: Lines, marks: Marks | undefined, parent: number) {
    this.#lines = lines;
    this.#text = new FlowText(lines, parent);
    this.#marks = marks;
  }

  /** `depth`: of what is around it. Leaves `lines` at the line that follows. */
  read(depth: number): object {
    const value = this.#collection(depth + 1);
    this.#text.end();
    return value;
  }

  #collection(depth: number): object {
    if (depth > MOST_DEPTH) throw unsure;
    return this.#text.code === OPEN_BRACE ? this.#map(depth) : this.#list(depth);
  }

  #value(depth: number): unknown {
    this.#lines.spend(MEMBER);
    return isOpening(this.#text.code) ? this.#collection(depth + 1) : this.#text.scalar();
  }

  #map(depth: number): Record<string, unknown> {
    const text = this.#text;
    const map: Record<string, unknown> = {};
    const offsets = this.#marks && new Map<string, number>();
    if (offsets) this.#marks?.set(map, offsets);
    let isOver = text.open(CLOSE_BRACE);
    while (!isOver) {
      const key = text.key();
      mustBeNew(map, key);
      offsets?.set(key.name, key.offset);
      text.skip();
      map[key.name] = this.#value(depth);
      isOver = text.isLast(CLOSE_BRACE);
    }
    return map;
  }

  #list(depth: number): unknown[] {
    const text = this.#text;
    const list: unknown[] = [];
    const offsets: number[] = [];
    this.#marks?.set(list, offsets);
    let isOver = text.open(CLOSE_BRACKET);
    while (!isOver) {
      if (this.#marks) offsets.push(text.at);
      list.push(this.#value(depth));
      isOver = text.isLast(CLOSE_BRACKET);
    }
    return list;
  }
}
