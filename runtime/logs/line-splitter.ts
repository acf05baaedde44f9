import { Newlines } from "./newlines.ts";

/** Longer lines come in pieces, so that no reader needs more memory than this for a line (S31). */
export const LONGEST_LINE = 256 * 1024;
/** Ends each piece but the last. */
export const SPLIT_MARKER = Buffer.from(" [line split by wctl]\n");

export interface Line {
  /** With its newline. The last line of a log may have none, nor has a piece of a line that is too long. */
  bytes: Buffer;
  /** The offset in the file after the line. */
  end: number;
  /** The line is too long, and this piece is not its end. */
  isPiece: boolean;
}

/** Splits chunks of a file into lines. Feed them in order; `rest` gives what is left without a newline. */
export class LineSplitter {
  readonly #newlines: Newlines;
  #pending: Buffer[] = [];
  #length = 0;
  #end: number;
  /** The first byte of a unit whose second is in the next chunk. */
  #half = Buffer.alloc(0);

  constructor(position: number, newlines = new Newlines({ unit: 1 })) {
    this.#end = position;
    this.#newlines = newlines;
  }

  /** Tells that the cursor jumped over released bytes: gives up the half line before them. False when it did not jump. */
  jump(position: number): boolean {
    if (position === this.#end + this.#length + this.#half.length) return false;
    this.#pending = [];
    this.#length = 0;
    this.#half = Buffer.alloc(0);
    this.#end = position;
    return true;
  }

  *push(bytes: Buffer): Generator<Line> {
    const chunk = this.#wholeUnits(bytes);
    const offset = this.#end + this.#length;
    let from = 0;
    while (from < chunk.length) {
      const newline = this.#newlines.endOfFirst(chunk, from, offset);
      const most = from + LONGEST_LINE - this.#length;
      const to = Math.min(newline === -1 ? chunk.length : newline, Math.max(most, from + this.#newlines.unit));
      this.#pending.push(chunk.subarray(from, to));
      this.#length += to - from;
      from = to;
      if (to === newline) yield this.#take(false);
      else if (this.#length >= LONGEST_LINE) yield this.#take(true);
    }
  }

  *rest(): Generator<Line> {
    this.#pending.push(this.#half);
    this.#length += this.#half.length;
    this.#half = Buffer.alloc(0);
    if (this.#length > 0) yield this.#take(false);
  }

  #wholeUnits(bytes: Buffer): Buffer {
    const { unit } = this.#newlines;
    if (unit === 1) return bytes;
    const chunk = Buffer.concat([this.#half, bytes]);
    const whole = chunk.length - ((this.#end + this.#length + chunk.length) % unit);
    this.#half = chunk.subarray(whole);
    return chunk.subarray(0, whole);
  }

  #take(isPiece: boolean): Line {
    this.#end += this.#length;
    const bytes = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#length = 0;
    return { bytes, end: this.#end, isPiece };
  }
}
