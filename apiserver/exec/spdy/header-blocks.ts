import { constants, inflateSync } from "node:zlib";
import { spdyDictionary } from "./dictionary.ts";

/** Of one block, as it comes and as text; clients name a stream in some twenty bytes. */
const LONGEST_BLOCK = 8 * 1024;
/** Of a connection: a session has five streams. */
const MOST_BLOCKS = 16;

/** Reads the headers of one direction of a connection, which are compressed as one stream: each block refers to those before it. */
export class HeaderBlockReader {
  #compressed: Buffer[] = [];
  #read = 0;

  /** By name. Throws for what is no block, or too much. */
  read(block: Buffer): Map<string, string> {
    this.#compressed.push(block);
    if (block.length > LONGEST_BLOCK || this.#compressed.length > MOST_BLOCKS) throw new Error("too many headers");
    // There are few, so all of them are read again for each: zlib in one go needs no thread.
    const all = inflateSync(Buffer.concat(this.#compressed), {
      dictionary: spdyDictionary,
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: LONGEST_BLOCK * MOST_BLOCKS,
    });
    const text = all.subarray(this.#read);
    this.#read = all.length;
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
