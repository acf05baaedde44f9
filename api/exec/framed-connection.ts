import type { Duplex } from "node:stream";
import { drained } from "./drained.ts";
import type { ExecConnection, ExecMessage } from "./exec-connection.ts";

/** A byte for the channel, four for the length (big-endian), then so many bytes. */
const HEADER = 5;
/** Of one message; longer data is sent as several. */
export const LONGEST_MESSAGE = 64 * 1024;

/** Messages over a connection that has left HTTP. */
export class FramedConnection implements ExecConnection {
  readonly #socket: Duplex;

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on("error", () => {}); // Whoever reads the messages learns of it.
  }

  send(channel: number, data: Uint8Array): Promise<void> | undefined {
    let keepsUp = true;
    for (let at = 0; at === 0 || at < data.length; at += LONGEST_MESSAGE) {
      const piece = data.subarray(at, at + LONGEST_MESSAGE);
      const header = Buffer.alloc(HEADER);
      header.writeUInt8(channel);
      header.writeUInt32BE(piece.length, 1);
      if (!this.#socket.writable) return undefined;
      this.#socket.cork();
      this.#socket.write(header);
      keepsUp = this.#socket.write(piece);
      this.#socket.uncork();
    }
    return keepsUp ? undefined : drained(this.#socket);
  }

  async *messages(): AsyncGenerator<ExecMessage> {
    const reader = new FrameReader();
    for await (const chunk of this.#socket) yield* reader.push(chunk as Buffer);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** Puts the pieces together that a message comes in. It keeps no more than one message that is not whole. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #size = 0;
  #needed = HEADER;

  /** Throws for a message that is too long. */
  push(chunk: Buffer): ExecMessage[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return [];
    const bytes = Buffer.concat(this.#chunks);
    const messages: ExecMessage[] = [];
    let at = 0;
    for (;;) {
      const left = bytes.length - at;
      this.#needed = left < HEADER ? HEADER : HEADER + lengthIn(bytes, at);
      if (left < this.#needed) break;
      messages.push({ channel: bytes[at]!, data: bytes.subarray(at + HEADER, at + this.#needed) });
      at += this.#needed;
    }
    this.#chunks = [bytes.subarray(at)];
    this.#size = bytes.length - at;
    return messages;
  }
}

function lengthIn(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at + 1);
  if (length > LONGEST_MESSAGE) throw new Error(`a message of ${length} bytes is too long`);
  return length;
}
