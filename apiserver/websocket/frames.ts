import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { ByteQueue } from "../../lib/byte-queue.ts";
import { FrameSplitter } from "../../lib/frame-splitter.ts";

/** Of RFC 6455, section 5.2. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Why a WebSocket is closed (RFC 6455, section 7.4.1). */
export const closeCodes = { normal: 1000, protocolError: 1002, notText: 1007, tooBig: 1009 } as const;
/** These three stand for an end without a code. */
const unsent: ReadonlySet<number> = new Set([1004, 1005, 1006]);

/** Of one message, however many frames it comes in. Clients send standard input in pieces of some 32 KiB. */
export const LONGEST_MESSAGE = 1024 * 1024;
const LONGEST_CONTROL = 125;
const FIRST_CONTROL = 8;

export interface WebSocketMessage {
  opcode: number;
  data: Buffer;
}

/** The client has broken the protocol, or its limits. */
export class WebSocketError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** What proves to a client that the server speaks its protocol. */
export const acceptOf = (key: string): string =>
  createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

/** One whole message of a server, which masks nothing. */
export function frameOf(opcode: number, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, { length }) => sum + length, 0);
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended);
  head[0] = 0x80 | opcode;
  head[1] = extended === 0 ? length : extended === 2 ? 126 : 127;
  if (extended === 2) head.writeUInt16BE(length, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, ...parts]);
}

export const closeFrame = (code: number): Buffer => {
  const data = Buffer.alloc(2);
  data.writeUInt16BE(code);
  return frameOf(opcodes.close, [data]);
};

/** The code that answers the close of a client: its own, or what is wrong with that. */
export function answerToClose(data: Buffer): number {
  if (data.length === 0) return closeCodes.normal;
  const code = data.length < 2 ? 0 : data.readUInt16BE();
  const isKnown = (code >= 1000 && code <= 1014 && !unsent.has(code)) || (code >= 3000 && code < 5000);
  if (!isKnown) return closeCodes.protocolError;
  return isUtf8(data.subarray(2)) ? code : closeCodes.notText;
}

/** Puts the messages of a client together, control messages as they come between. It keeps no more than one message that is not whole. */
export class WebSocketReader {
  readonly #frames = new FrameSplitter(sizeOf);
  /** Of a message that goes on. */
  readonly #data = new ByteQueue();
  #opcode: number | undefined;

  /** Throws WebSocketError. */
  *push(chunk: Buffer): Generator<WebSocketMessage> {
    for (const frame of this.#frames.push(chunk)) {
      const message = this.#take(headOf(frame, 0), frame);
      if (message) yield message;
    }
  }

  #take({ opcode, isLast, size }: FrameHead, frame: Buffer): WebSocketMessage | undefined {
    if (opcode < FIRST_CONTROL && (opcode === opcodes.continuation) !== (this.#opcode !== undefined))
      throw broken("a frame is out of turn");
    const data = unmasked(frame, size);
    if (opcode >= FIRST_CONTROL) return { opcode, data };
    if (opcode !== opcodes.continuation && isLast) return whole(opcode, data);
    this.#opcode ??= opcode;
    if (this.#data.length + data.length > LONGEST_MESSAGE) throw tooBig();
    this.#data.push(data);
    if (!isLast) return undefined;
    const message = whole(this.#opcode, this.#data.take());
    this.#opcode = undefined;
    return message;
  }
}

function whole(opcode: number, data: Buffer): WebSocketMessage {
  if (opcode === opcodes.text && !isUtf8(data)) throw new WebSocketError(closeCodes.notText, "a text is not UTF-8");
  return { opcode, data };
}

interface FrameHead {
  opcode: number;
  isLast: boolean;
  /** Bytes before the data. As long as these are not all there, `length` is 0. */
  size: number;
  length: number;
}

const MASK = 4;
const known: ReadonlySet<number> = new Set(Object.values(opcodes));

function headOf(bytes: Buffer, at: number): FrameHead {
  const left = bytes.length - at;
  if (left < 2) return { opcode: 0, isLast: false, size: 2, length: 0 };
  const [first, second] = [bytes[at]!, bytes[at + 1]!];
  const [opcode, isLast, short] = [first & 0x0f, (first & 0x80) !== 0, second & 0x7f];
  if ((first & 0x70) !== 0) throw broken("a frame uses an extension");
  if (!known.has(opcode)) throw broken(`a frame has the opcode ${opcode}`);
  if ((second & 0x80) === 0) throw broken("a frame of a client is not masked");
  if (opcode >= FIRST_CONTROL && (!isLast || short > LONGEST_CONTROL)) throw broken("a control frame is too long");
  const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
  const size = 2 + extended + MASK;
  if (left < size) return { opcode, isLast, size, length: 0 };
  const length =
    extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
  if (length > LONGEST_MESSAGE) throw tooBig();
  return { opcode, isLast, size, length };
}

function sizeOf(bytes: Buffer, at: number): number {
  const { size, length } = headOf(bytes, at);
  return size + length;
}

/** The mask stands right before the data, which begin at `from`. */
function unmasked(frame: Buffer, from: number): Buffer {
  const data = Buffer.from(frame.subarray(from));
  for (let index = 0; index < data.length; index++) data[index]! ^= frame[from - MASK + (index % MASK)]!;
  return data;
}

const broken = (message: string): WebSocketError => new WebSocketError(closeCodes.protocolError, message);
const tooBig = (): WebSocketError =>
  new WebSocketError(closeCodes.tooBig, `a message is longer than ${LONGEST_MESSAGE} bytes`);
