const NEWLINE = 0x0a;
/** Longer lines are given in pieces, so that no reader needs more memory than this for a line (S31). */
export const LONGEST_LINE = 256 * 1024;
/** Ends each piece but the last. */
export const SPLIT_MARKER = Buffer.from(" [line split by wctl]\n");

export interface Line {
  /** With its newline; the very last line of a log may have none. */
  bytes: Buffer;
  /** Offset in the file after it. */
  end: number;
}

/** Turns chunks of a file into lines. Feed them in order; `rest` gives what is left without a newline. */
export class LineSplitter {
  #pending: Buffer[] = [];
  #length = 0;
  #end: number;

  constructor(position: number) {
    this.#end = position;
  }

  /** The cursor jumped over released bytes: the half line before it is given up. */
  jump(position: number): void {
    if (position === this.#end + this.#length) return;
    this.#pending = [];
    this.#length = 0;
    this.#end = position;
  }

  *push(chunk: Buffer): Generator<Line> {
    let from = 0;
    while (from < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, from);
      const most = from + LONGEST_LINE - this.#length;
      const to = Math.min(newline === -1 ? chunk.length : newline + 1, Math.max(most, from + 1));
      this.#pending.push(chunk.subarray(from, to));
      this.#length += to - from;
      from = to;
      if (to === newline + 1 && newline !== -1) yield this.#take();
      else if (this.#length >= LONGEST_LINE) yield this.#take(SPLIT_MARKER);
    }
  }

  *rest(): Generator<Line> {
    if (this.#length > 0) yield this.#take();
  }

  #take(marker?: Buffer): Line {
    this.#end += this.#length;
    const bytes = Buffer.concat(marker ? [...this.#pending, marker] : this.#pending);
    this.#pending = [];
    this.#length = 0;
    return { bytes, end: this.#end };
  }
}
