import { FrameSplitter } from "../../../lib/frame-splitter.ts";

/** Control frames of SPDY/3.1 that matter to a session. */
export const types = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, headers: 8 } as const;

const VERSION = 3;
export const FIN = 0x01;
const HEADER = 8;
/** Clients send standard input in pieces of some 32 KiB. */
export const LONGEST_FRAME = 1024 * 1024;

export type SpdyFrame =
  | { kind: "data"; stream: number; isLast: boolean; data: Buffer }
  | { kind: "control"; type: number; flags: number; data: Buffer };

/** Of a stream or a ping, at the beginning of what a control frame says. */
export const numberIn = (bytes: Buffer): number => bytes.readUInt32BE() & 0x7fffffff;

export function dataFrame(stream: number, data: Uint8Array, { isLast = false } = {}): Buffer {
  const head = Buffer.alloc(HEADER);
  head.writeUInt32BE(stream);
  head.writeUInt32BE(data.length, 4);
  head[4] = isLast ? FIN : 0;
  return Buffer.concat([head, data]);
}

export function controlFrame(type: number, parts: readonly (Uint8Array | number)[], flags = 0): Buffer {
  const data = Buffer.concat(parts.map((part) => (typeof part === "number" ? numberBytes(part) : part)));
  const head = Buffer.alloc(HEADER);
  head.writeUInt16BE(0x8000 | VERSION);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(data.length, 4);
  head[4] = flags;
  return Buffer.concat([head, data]);
}

function numberBytes(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

/** Puts frames together. */
export class SpdyReader {
  readonly #frames = new FrameSplitter(sizeOf);

  /** Throws for a frame that is too long, or of another version. */
  *push(chunk: Buffer): Generator<SpdyFrame> {
    for (const frame of this.#frames.push(chunk)) yield frameIn(frame);
  }
}

function sizeOf(bytes: Buffer, at: number): number {
  if (bytes.length - at < HEADER) return HEADER;
  const length = bytes.readUIntBE(at + 5, 3);
  if (length > LONGEST_FRAME) throw new Error(`a frame of ${length} bytes is too long`);
  return HEADER + length;
}

function frameIn(bytes: Buffer): SpdyFrame {
  const flags = bytes[4]!;
  const data = bytes.subarray(HEADER);
  const first = bytes.readUInt16BE();
  if (first < 0x8000) return { kind: "data", stream: bytes.readUInt32BE(), isLast: (flags & FIN) !== 0, data };
  if (first !== (0x8000 | VERSION)) throw new Error("a frame of another version of SPDY");
  return { kind: "control", type: bytes.readUInt16BE(2), flags, data };
}
