import type { Decode, Encoding } from "./encodings.ts";

const CR = 0x0d;

/**
 * Turns what a workload wrote into what its readers get: UTF-8, with lines that end in LF. Feed the bytes in order; a chunk may cut a character or a
 * CR LF anywhere. It does not check UTF-8: bytes that are not UTF-8 come out as they are.
 */
export class LogDecoder {
  readonly #encoding: Encoding;
  #decode: Decode | undefined;
  /** A CR at the end of a chunk: the next chunk shows whether it belongs to a line end. */
  #heldCr = false;

  /** `position`: the offset in the file of the first byte to come. */
  constructor(encoding: Encoding, position: number) {
    this.#encoding = encoding;
    this.restart(position);
  }

  /** The next bytes do not follow the ones before. */
  restart(position: number): void {
    this.#decode = this.#encoding.decoder?.(position === 0);
    this.#heldCr = false;
  }

  push(bytes: Buffer): Buffer {
    return this.#withoutCr(this.#decode ? Buffer.from(this.#decode(bytes, { stream: true })) : bytes);
  }

  /** Returns what was held back; nothing follows. */
  end(): Buffer {
    const rest = this.#withoutCr(Buffer.from(this.#decode?.(new Uint8Array(), { stream: false }) ?? ""));
    if (!this.#heldCr) return rest;
    this.#heldCr = false;
    return Buffer.concat([rest, Buffer.of(CR)]);
  }

  #withoutCr(bytes: Buffer): Buffer {
    if (bytes.length === 0) return bytes;
    const text = this.#heldCr ? Buffer.concat([Buffer.of(CR), bytes]) : bytes;
    this.#heldCr = text.at(-1) === CR;
    return withLf(this.#heldCr ? text.subarray(0, -1) : text);
  }
}

/** Replaces CR LF by LF; returns the same bytes when there is none. */
function withLf(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf("\r\n"); at !== -1; at = bytes.indexOf("\r\n", from)) {
    parts.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return parts.length === 0 ? bytes : Buffer.concat([...parts, bytes.subarray(from)]);
}
