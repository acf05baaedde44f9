import { createHash } from "node:crypto";

/** Of RFC 6455, section 5.2. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Why a WebSocket is closed (RFC 6455, section 7.4.1). */
export const closeCodes = { normal: 1000, protocolError: 1002, tooBig: 1009 } as const;

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

/** Puts the messages of a client together, control messages as they come between. It keeps no more than one message that is not whole. */
export class WebSocketReader {
  #chunks: Buffer[] = [];
  #size = 0;
  #needed = 2;
  #parts: Buffer[] = [];
  #opcode: number | undefined;
  #length = 0;

  /** Throws WebSocketError. */
  push(chunk: Buffer): WebSocketMessage[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return [];
    const bytes = Buffer.concat(this.#chunks);
    const messages: WebSocketMessage[] = [];
    let at = 0;
    for (;;) {
      const head = headOf(bytes, at);
      this.#needed = head.size + head.length;
      if (bytes.length - at < this.#needed) break;
      const data = unmasked(bytes, at + head.size, head.length);
      at += this.#needed;
      const message = this.#take(head, data);
      if (message) messages.push(message);
    }
    this.#chunks = [bytes.subarray(at)];
    this.#size = bytes.length - at;
    return messages;
  }

  #take({ opcode, isLast }: FrameHead, data: Buffer): WebSocketMessage | undefined {
    if (opcode >= FIRST_CONTROL) return { opcode, data };
    if ((opcode === opcodes.continuation) !== (this.#opcode !== undefined)) throw broken("a frame is out of turn");
    this.#opcode ??= opcode;
    this.#length += data.length;
    if (this.#length > LONGEST_MESSAGE) throw tooBig();
    if (data.length > 0) this.#parts.push(data);
    if (!isLast) return undefined;
    const message = { opcode: this.#opcode, data: Buffer.concat(this.#parts) };
    [this.#parts, this.#opcode, this.#length] = [[], undefined, 0];
    return message;
  }
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

/** The mask stands right before the data. */
function unmasked(bytes: Buffer, from: number, length: number): Buffer {
  const data = Buffer.from(bytes.subarray(from, from + length));
  for (let index = 0; index < length; index++) data[index]! ^= bytes[from - MASK + (index % MASK)]!;
  return data;
}

const broken = (message: string): WebSocketError => new WebSocketError(closeCodes.protocolError, message);
const tooBig = (): WebSocketError =>
  new WebSocketError(closeCodes.tooBig, `a message is longer than ${LONGEST_MESSAGE} bytes`);
