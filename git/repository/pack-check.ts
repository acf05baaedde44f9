import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { GitError } from "../git-error.ts";
import { checkDelta } from "./delta-check.ts";
import { damaged, tooLarge } from "./pack-fault.ts";

/** What a pack may make of memory when it is read. */
export interface PackLimits {
  /** Objects in it. */
  objects: number;
  /** Bytes of all its objects, inflated and with their deltas applied. */
  bytes: number;
}

const HEADER_BYTES = 12;
const HASH_BYTES = 20;
const OFS_DELTA = 6;
const REF_DELTA = 7;
/** Of one object, however much all may have: the library holds it five times over. Hosts of repositories take no larger files. */
const LARGEST_OBJECT = 128 * 1024 * 1024;
/** git itself makes chains of at most 50, or 250 with --aggressive. */
const LONGEST_CHAIN = 500;

/**
 * Reads through a pack before anybody believes it (gitformat-pack): it is whole, its objects are as large as they say, and what they become fits into
 * the limits. A pack of some KiB may hold gigabytes of zeros, and deltas that copy them. Throws GitError.
 */
export function checkPack(pack: Uint8Array, limits: PackLimits): void {
  const bytes = Buffer.from(pack.buffer, pack.byteOffset, pack.byteLength);
  const end = bytes.length - HASH_BYTES;
  if (end < HEADER_BYTES || bytes.toString("latin1", 0, 4) !== "PACK") throw damaged("it is no pack");
  const hash = createHash("sha1").update(bytes.subarray(0, end)).digest();
  if (!hash.equals(bytes.subarray(end))) throw damaged("its hash is not that of its contents");
  const count = bytes.readUInt32BE(8);
  if (count > limits.objects) throw tooLarge(`${count} objects, at most ${limits.objects}`);
  const reader = new PackReader(bytes.subarray(0, end), limits.bytes);
  for (let object = 0; object < count; object++) reader.next();
  if (!reader.isAtEnd) throw damaged("it goes on after its last object");
}

class PackReader {
  readonly #bytes: Buffer;
  readonly #limit: number;
  #at = HEADER_BYTES;
  #total = 0;
  /** Length of the chain of deltas that ends at the object of this offset. */
  readonly #chains = new Map<number, number>();

  constructor(bytes: Buffer, limit: number) {
    this.#bytes = bytes;
    this.#limit = limit;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  next(): void {
    const start = this.#at;
    const { type, size } = this.#header();
    if (type === 0 || type === 5) throw damaged("an object has no type");
    const chain = this.#chain(type, start);
    if (chain > LONGEST_CHAIN) throw tooLarge(`a chain of more than ${LONGEST_CHAIN} deltas`);
    this.#chains.set(start, chain);
    this.#count(size);
    const content = this.#inflate(size);
    if (type === OFS_DELTA || type === REF_DELTA) this.#count(checkDelta(content));
  }

  #header(): { type: number; size: number } {
    let byte = this.#byte();
    const type = (byte >> 4) & 7;
    let size = byte & 15;
    for (let factor = 16; byte & 0x80; factor *= 128) {
      byte = this.#byte();
      size += (byte & 0x7f) * factor;
      if (size > Number.MAX_SAFE_INTEGER) throw damaged("an object has an impossible size");
    }
    return { type, size };
  }

  #chain(type: number, start: number): number {
    if (type === REF_DELTA) this.#at += HASH_BYTES;
    if (type !== OFS_DELTA) return type === REF_DELTA ? 1 : 0;
    let byte = this.#byte();
    let back = byte & 0x7f;
    while (byte & 0x80) {
      byte = this.#byte();
      back = (back + 1) * 128 + (byte & 0x7f);
    }
    const base = this.#chains.get(start - back);
    if (base === undefined) throw damaged("a delta has no base");
    return base + 1;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw damaged("it ends in the middle of an object");
    return byte;
  }

  #count(bytes: number): void {
    if (bytes > LARGEST_OBJECT) throw tooLarge(`an object of more than ${LARGEST_OBJECT} bytes`);
    this.#total += bytes;
    if (this.#total > this.#limit) throw tooLarge(`more than ${this.#limit} bytes when it is unpacked`);
  }

  #inflate(size: number): Buffer {
    try {
      const input = this.#bytes.subarray(this.#at);
      const { buffer, engine } = inflateSync(input, { maxOutputLength: size + 1, info: true }) as unknown as Inflated;
      if (buffer.length !== size) throw damaged("an object is not as long as it says");
      this.#at += engine.bytesWritten;
      return buffer;
    } catch (error) {
      throw error instanceof GitError ? error : damaged("an object cannot be unpacked, or is longer than it says");
    }
  }
}

interface Inflated {
  buffer: Buffer;
  engine: { bytesWritten: number };
}
