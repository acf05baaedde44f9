import { Malformed } from "./http-faults.ts";
import { LineReader } from "./line-reader.ts";

/** Reads the body of an answer, up to a limit. */
export interface BodyReader {
  /** What was read, as UTF-8. */
  readonly text: string;
  /** The end of the connection is the end of the body. */
  readonly endsWithConnection: boolean;
  /** True when nothing more is wanted: the body is complete, or as long as the limit. Throws Malformed. */
  feed(bytes: Buffer): boolean;
}

/** `how`: the body comes in chunks, or with a known length, or (undefined) to the end of the connection. */
export function bodyReader(how: "chunked" | number | undefined, limit: number): BodyReader {
  const kept = new Kept(limit);
  if (how === "chunked") return new ChunkedBody(kept);
  return new PlainBody(kept, how ?? Number.POSITIVE_INFINITY);
}

class Kept {
  readonly #limit: number;
  readonly #pieces: Buffer[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#length >= this.#limit;
  }

  get text(): string {
    return Buffer.concat(this.#pieces).subarray(0, this.#limit).toString();
  }

  add(bytes: Buffer): void {
    if (this.isFull) return;
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }
}

class PlainBody implements BodyReader {
  readonly endsWithConnection: boolean;
  readonly #kept: Kept;
  #left: number;

  constructor(kept: Kept, length: number) {
    this.#kept = kept;
    this.#left = length;
    this.endsWithConnection = length === Number.POSITIVE_INFINITY;
  }

  get text(): string {
    return this.#kept.text;
  }

  feed(bytes: Buffer): boolean {
    const mine = bytes.subarray(0, Math.min(this.#left, bytes.length));
    this.#left -= mine.length;
    this.#kept.add(mine);
    return this.#left === 0 || this.#kept.isFull;
  }
}

/** Chunks as Go's `internal/chunked.go` reads them. Trailers say nothing here: the chunk of length 0 is the end. */
class ChunkedBody implements BodyReader {
  readonly endsWithConnection = false;
  readonly #kept: Kept;
  readonly #lines = new LineReader();
  #left = 0;
  #expects: "size" | "data" | "end of data" = "size";

  constructor(kept: Kept) {
    this.#kept = kept;
  }

  get text(): string {
    return this.#kept.text;
  }

  feed(bytes: Buffer): boolean {
    let rest = bytes;
    while (rest.length > 0 && !this.#kept.isFull) {
      if (this.#expects === "data") {
        rest = this.#takeData(rest);
        continue;
      }
      const { line, rest: after } = this.#lines.take(rest);
      rest = after;
      if (line === undefined) continue;
      if (this.#expects === "size") {
        this.#left = sizeIn(line);
        if (this.#left === 0) return true;
        this.#expects = "data";
      } else if (line === "") this.#expects = "size";
      else throw new Malformed("malformed chunked encoding");
    }
    return this.#kept.isFull;
  }

  #takeData(bytes: Buffer): Buffer {
    const mine = bytes.subarray(0, Math.min(this.#left, bytes.length));
    this.#left -= mine.length;
    this.#kept.add(mine);
    if (this.#left === 0) this.#expects = "end of data";
    return bytes.subarray(mine.length);
  }
}

/** Hexadecimal, with blanks and extensions after it. */
function sizeIn(line: string): number {
  const [size = ""] = line.split(";", 1);
  const digits = size.trimEnd();
  if (!/^[0-9a-f]{1,16}$/i.test(digits)) throw new Malformed("invalid byte in chunk length");
  return Number.parseInt(digits, 16);
}
