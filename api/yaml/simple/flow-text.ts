import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, HASH, isFlowMark, isOpening, SPACE, TAB } from "./characters.ts";
import { isQuote, type Key, plainKey } from "./keys.ts";
import type { Lines } from "./lines.ts";
import { endOfPlain, plainText, typed } from "./plain-scalar.ts";
import { type Quoted, quotedInLine } from "./quoted-scalar.ts";
import { unsure } from "./unsure.ts";

/** Walks what stands in `{}` or `[]`, mark by mark, over as many lines as it has. */
export class FlowText {
  readonly #lines: Lines;
  /** Further lines are indented deeper. */
  readonly #parent: number;
  at: number;

  /** From where `lines` is. */
  constructor(lines: Lines, parent: number) {
    this.#lines = lines;
    this.#parent = parent;
    this.at = lines.at;
  }

  /** The code of the character at `at`. */
  get code(): number {
    return this.#lines.text.charCodeAt(this.at);
  }

  /** Leaves `lines` at the line that follows. */
  end(): void {
    this.#lines.finish(this.at);
  }

  /** To what is no space, in the next lines too. In here the library has rules of its own for comments and tabs. */
  skip(): void {
    const lines = this.#lines;
    this.at = lines.skipSpaces(this.at);
    if (this.at >= lines.end) this.#nextLine();
    if (this.code === HASH || this.code === TAB) throw unsure;
  }

  #nextLine(): void {
    const lines = this.#lines;
    do {
      if (!lines.any()) throw unsure;
      lines.spend(1);
    } while (lines.at === lines.end);
    if (lines.column <= this.#parent || lines.isMarker()) throw unsure;
    this.at = lines.at;
  }

  /** Goes behind the mark that opens a collection; true when it is closed at once. */
  open(close: number): boolean {
    this.at++;
    this.skip();
    return this.#isClosed(close);
  }

  /** Behind a member: true when that was the last one, else goes to the next. */
  isLast(close: number): boolean {
    this.skip();
    if (this.#isClosed(close)) return true;
    if (this.code !== COMMA) throw unsure;
    this.at++;
    this.skip();
    if (this.code === COMMA || this.code === CLOSE_BRACE || this.code === CLOSE_BRACKET) throw unsure;
    return false;
  }

  #isClosed(close: number): boolean {
    if (this.code !== close) return false;
    this.at++;
    return true;
  }

  /** With its colon, which stands in the same line. */
  key(): Key {
    const { text, end } = this.#lines;
    const offset = this.at;
    const isQuoted = isQuote(this.code);
    const { value, after } = isQuoted ? this.#quoted() : { value: "", after: endOfPlain(text, offset, end, true) };
    if (after >= end || text.charCodeAt(after) !== COLON) throw unsure;
    this.at = after + 1;
    if (isQuoted) return { name: value, offset, after: this.at };
    if (this.at < end && this.code !== SPACE) throw unsure;
    return { name: plainKey(plainText(text, offset, after)), offset, after: this.at };
  }

  scalar(): unknown {
    const { text, end } = this.#lines;
    if (isQuote(this.code)) {
      const { value, after } = this.#quoted();
      this.at = after;
      return value;
    }
    const from = this.at;
    const to = endOfPlain(text, from, end, true);
    this.at = to;
    // A comment follows.
    if (to < end && this.code === SPACE) throw unsure;
    if (to >= end) this.#mustEnd();
    return typed(plainText(text, from, to));
  }

  #quoted(): Quoted {
    const { text, end } = this.#lines;
    const quoted = quotedInLine(text, this.at, end);
    if (!quoted) throw unsure;
    return quoted;
  }

  /** A plain scalar at the end of its line goes on in the next one, unless a mark stands there. */
  #mustEnd(): void {
    this.skip();
    if (!isFlowMark(this.code) || isOpening(this.code)) throw unsure;
  }
}
