import { constants, inflateRawSync } from "node:zlib";
import { spdyDictionary } from "./dictionary.ts";

/** Of one block, as it comes and as text; clients name a stream in some fifty bytes. */
const LONGEST_BLOCK = 8 * 1024;
/** What stands before the first block: two bytes, and which dictionary is meant (RFC 1950). */
const ZLIB_HEADER = 6;
/** As far back as a block may refer (RFC 1951). */
const WINDOW = 32 * 1024;

/** Reads the headers of one direction of a connection, which are compressed as one stream: each block refers to those before it. */
export class HeaderBlockReader {
  #before = spdyDictionary;
  #isFirst = true;

  /** By name. Throws for what is no block, or too much. */
  read(block: Buffer): Map<string, string> {
    if (block.length > LONGEST_BLOCK) throw new Error("too many headers");
    // A block ends with a whole byte, so each is read by itself with what came before as its dictionary: zlib in one go needs no thread.
    const text = inflateRawSync(this.#isFirst ? block.subarray(ZLIB_HEADER) : block, {
      dictionary: this.#before,
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: LONGEST_BLOCK,
    });
    this.#isFirst = false;
    this.#before = Buffer.concat([this.#before, text]).subarray(-WINDOW);
    return headersIn(text);
  }
}

function headersIn(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  const number = (): number => {
    const value = bytes.readUInt32BE(at);
    at += 4;
    return value;
  };
  const text = (): string => {
    const length = number();
    if (length > bytes.length - at) throw new Error("a header is longer than its block");
    at += length;
    return bytes.toString("utf8", at - length, at);
  };
  for (let left = number(); left > 0; left--) {
    const name = text();
    headers.set(name.toLowerCase(), text());
  }
  return headers;
}

/** No header at all, as a stored block of zlib and the empty one that flushes it. The first of a connection begins the stream. */
export function emptyHeaderBlock(isFirst: boolean): Buffer {
  const zlib = isFirst ? [0x78, 0x01] : [];
  return Buffer.from([...zlib, 0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);
}
