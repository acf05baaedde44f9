import type { Encoding } from "./encodings.ts";

/** Finds newlines in the bytes of an encoding. Offsets are those of the file: in UTF-16 each unit begins at an even one. */
export class Newlines {
  readonly unit: number;
  readonly #pattern: Buffer;

  constructor({ unit }: Pick<Encoding, "unit">) {
    this.unit = unit;
    this.#pattern = unit === 2 ? Buffer.from("\n\0") : Buffer.from("\n");
  }

  /** The start of the unit that this offset lies in. */
  align(offset: number): number {
    return offset - (offset % this.unit);
  }

  /** Index behind the first newline that begins at `from` or later; -1 when there is none. `offset` is that of the first byte. */
  endOfFirst(bytes: Buffer, from: number, offset: number): number {
    let at = bytes.indexOf(this.#pattern, from);
    while (at !== -1 && (offset + at) % this.unit !== 0) at = bytes.indexOf(this.#pattern, at + 1);
    return at === -1 ? -1 : at + this.unit;
  }

  /** Index behind the last newline that ends at `to` or earlier; -1 when there is none. */
  endOfLast(bytes: Buffer, to: number, offset: number): number {
    // A negative position would be counted from the end.
    for (let most = to - this.unit; most >= 0; ) {
      const at = bytes.lastIndexOf(this.#pattern, most);
      if (at === -1) return -1;
      if ((offset + at) % this.unit === 0) return at + this.unit;
      most = at - 1;
    }
    return -1;
  }
}
