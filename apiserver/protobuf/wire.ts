import { badRequest, type StatusError } from "../../api/errors.ts";

/** One field as it stands on the wire. Its value is a number for a varint, bytes for what has a length; the other types are only skipped. */
export interface WireField {
  number: number;
  value: number | Uint8Array | undefined;
}

/** Of a varint: ten groups of seven bits. */
const LONGEST_VARINT = 10;
/** The greatest field number of the format. */
const GREATEST_NUMBER = 2 ** 29 - 1;
const TWO_TO_32 = 2 ** 32;

/**
 * The fields of one message (protobuf.dev, "Encoding"), in the order in which they stand. A varint is read as an int64, exactly when
 * `Number.isSafeInteger`. What has a length is a view of `bytes`, and not looked into: a message that nobody knows is skipped however deep it is.
 * Throws BadRequest for what ends too early, for lengths that reach beyond the message, and for groups, which no Kubernetes message has.
 */
export function* wireFields(bytes: Uint8Array): Generator<WireField> {
  const reader = new WireReader(bytes);
  while (!reader.atEnd) {
    const tag = reader.varint();
    const number = Math.floor(tag / 8);
    if (number < 1 || number > GREATEST_NUMBER) throw malformed("a field has an impossible number");
    yield { number, value: reader.value(tag % 8) };
  }
}

class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(wireType: number): WireField["value"] {
    switch (wireType) {
      case 0:
        return this.varint();
      case 1:
        this.#take(8);
        return undefined;
      case 2:
        return this.#take(this.varint());
      case 5:
        this.#take(4);
        return undefined;
      default:
        throw malformed(`a field has the wire type ${wireType}`);
    }
  }

  /** The low 32 bits and the high ones apart: numbers of JavaScript are exact to 53. */
  varint(): number {
    let low = 0;
    let high = 0;
    for (let group = 0; group < LONGEST_VARINT; group++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw malformed("it ends within a number");
      const bits = byte & 0x7f;
      if (group < 4) low |= bits << (7 * group);
      else if (group === 4) [low, high] = [low | ((bits & 0x0f) << 28), bits >> 4];
      else high |= bits << (7 * group - 32);
      if (byte < 0x80) return (high | 0) * TWO_TO_32 + (low >>> 0);
    }
    throw malformed("a number is longer than ten bytes");
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw malformed("a length reaches beyond the end");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

/** Says what, and nothing of the bytes: they may be a Secret. */
export const malformed = (why: string): StatusError => badRequest(`the body is not acceptable protobuf: ${why}`);
