/** Beyond this a line is passed on in pieces, so that a stream without line ends does not fill the memory. */
const LONGEST = 64 * 1024;

/** Changes text on its way, which comes in any pieces. */
export interface TextFilter {
  push(text: string): string;
  /** What must be said where a line is cut in two, and at the end. */
  cut(): string;
}

const AS_IT_IS: TextFilter = { push: (text) => text, cut: () => "" };

/** Whole lines out of chunks of bytes; UTF-8 may be cut anywhere. */
export class LineSplitter {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #filter: TextFilter;
  #rest = "";

  constructor(filter = AS_IT_IS) {
    this.#filter = filter;
  }

  /** The lines completed by this chunk, each with its line end. */
  push(chunk: Uint8Array): string[] {
    const text = this.#rest + this.#filter.push(this.#decoder.decode(chunk, { stream: true }));
    const lines = text.split("\n");
    this.#rest = lines.pop()!;
    const whole = lines.map((one) => `${one}\n`);
    if (this.#rest.length > LONGEST) {
      whole.push(`${this.#rest}${this.#filter.cut()}\n`);
      this.#rest = "";
    }
    return whole;
  }

  /** What came after the last line end. */
  end(): string {
    return this.#rest + this.#filter.push(this.#decoder.decode()) + this.#filter.cut();
  }
}
