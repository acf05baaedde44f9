import { SignatureProblem } from "../signature-problem.ts";

/** Reads the types of RFC 4251, section 5, one after the other. Each method throws SignatureProblem where the bytes end too early. */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at = 0;

  /** `what`: said in the problem. */
  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  string(): Buffer {
    return this.take(this.uint32());
  }

  text(): string {
    return this.string().toString("latin1");
  }

  /** A positive number, its bytes without leading zeros. */
  positive(): Buffer {
    const bytes = this.string();
    const first = bytes[0];
    const isPadded = first === 0;
    if (first === undefined || first > 0x7f || (isPadded && !(bytes[1]! > 0x7f))) throw this.damaged();
    return isPadded ? bytes.subarray(1) : bytes;
  }

  take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw this.damaged();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Throws when there is more. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw this.damaged();
  }

  damaged(): SignatureProblem {
    return new SignatureProblem(`${this.#what} is damaged`);
  }
}

export function wireString(bytes: Uint8Array | string): Buffer {
  const content = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** Only as an encoder writes it: no blanks, no bits that mean nothing. */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.length > 0 && bytes.toString("base64") === text ? bytes : undefined;
}
