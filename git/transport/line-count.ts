import { GitError } from "../git-error.ts";

/** More than there are names in what a server may send of them; a pack comes in far fewer. */
const MOST_LINES = 700_000;
const DIGITS = 4;

/**
 * Counts git's lines as they come, in pieces of any size. The library keeps an object for each, a hundred times the memory of an empty one, in the thread that
 * holds the session. `add` throws GitError. What is no such line is not counted: the library says so.
 */
export class LineCount {
  readonly #most: number;
  #lines = 0;
  #digits = "";
  /** Of the line that is being read. */
  #left = 0;
  #isOther = false;

  constructor(most = MOST_LINES) {
    this.#most = most;
  }

  add(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < bytes.length && !this.#isOther; ) {
      if (this.#left > 0) {
        const part = Math.min(this.#left, bytes.length - at);
        this.#left -= part;
        at += part;
      } else {
        const part = bytes.toString("latin1", at, at + DIGITS - this.#digits.length);
        at += part.length;
        this.#begin(this.#digits + part);
      }
    }
  }

  #begin(digits: string): void {
    this.#digits = digits.length === DIGITS ? "" : digits;
    if (digits.length < DIGITS) return;
    this.#isOther = !/^[0-9a-f]{4}$/i.test(digits);
    this.#left = Math.max(0, Number.parseInt(digits, 16) - DIGITS);
    if (++this.#lines <= this.#most) return;
    throw new GitError("LimitExceeded", `the server sends more than ${this.#most} lines in one answer`);
  }
}
