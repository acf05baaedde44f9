import { DASH, DOT, HASH, RETURN, SPACE, TAB } from "./characters.ts";
import { unsure } from "./unsure.ts";

/** The library refuses a file of more. Who reads counts as many as the library, or more. */
const MAX_TOKENS = 300_000;
/** Its end, its indentation, a comment. */
const LINE = 4;

/** Walks a text line by line. Who reads within a line moves `at` and `column`. */
export class Lines {
  readonly text: string;
  /** Of the line, and of the one after it. */
  start = 0;
  following = 0;
  /** Where the line's own text begins, or what is left of it. */
  at = 0;
  /** Of `at` in the line; -1 behind the last one. */
  column = -1;
  /** Behind the line's last character. */
  end = 0;
  /** 1-based. */
  number = 0;
  /** A comment stands between what was read last and this line. */
  isAfterComment = false;
  #tokens = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** To the next line that is neither empty nor a comment. */
  next(): void {
    this.isAfterComment = false;
    while (this.any()) {
      this.spend(LINE);
      if (this.at === this.end) continue;
      const code = this.text.charCodeAt(this.at);
      if (code === TAB) throw unsure;
      if (code !== HASH) return;
      this.isAfterComment = true;
    }
    this.column = -1;
  }

  /** To the next line, whatever it is; false when there is none. */
  any(): boolean {
    const { text, following } = this;
    if (following >= text.length) return false;
    const newline = text.indexOf("\n", following);
    let end = newline < 0 ? text.length : newline;
    this.start = following;
    this.following = newline < 0 ? end : end + 1;
    if (end > following && text.charCodeAt(end - 1) === RETURN) end--;
    let at = following;
    while (at < end && text.charCodeAt(at) === SPACE) at++;
    this.at = at;
    this.column = at - following;
    this.end = end;
    this.number++;
    return true;
  }

  /** `any` has come to a line that is not empty: as if `next` had. */
  stay(): void {
    const code = this.text.charCodeAt(this.at);
    this.spend(LINE);
    if (code === TAB) throw unsure;
    if (code === HASH) this.next();
  }

  /** Counts what the library would make of something. */
  spend(tokens: number): void {
    this.#tokens += tokens;
    if (this.#tokens > MAX_TOKENS) throw unsure;
  }

  /** Goes on within the line: `at` is where the next value or key begins. */
  moveTo(at: number): void {
    this.column += at - this.at;
    this.at = at;
  }

  /** To the next line, when nothing but a comment is left of this one. */
  finish(from: number): void {
    const at = this.skipSpaces(from);
    if (at === from ? at < this.end : !this.isRest(at)) throw unsure;
    this.next();
  }

  /** Nothing, or a comment, is left at `at`, which stands behind a space. */
  isRest(at: number): boolean {
    return at >= this.end || this.text.charCodeAt(at) === HASH;
  }

  skipSpaces(from: number): number {
    let at = from;
    while (at < this.end && this.text.charCodeAt(at) === SPACE) at++;
    return at;
  }

  /** `---` or `...` at its beginning, alone or before a space. */
  isMarker(): boolean {
    if (this.column !== 0 || this.at !== this.start) return false;
    const first = this.text.charCodeAt(this.at);
    if (first !== DASH && first !== DOT) return false;
    const { text, start, end } = this;
    if (text.charCodeAt(start + 1) !== first || text.charCodeAt(start + 2) !== first) return false;
    return start + 3 === end || text.charCodeAt(start + 3) === SPACE;
  }
}
