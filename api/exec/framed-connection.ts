import type { Duplex } from "node:stream";
import { FrameSplitter } from "../../lib/frame-splitter.ts";
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
    const frames = new FrameSplitter(sizeOf);
    for await (const chunk of this.#socket)
      for (const frame of frames.push(chunk as Buffer)) yield { channel: frame[0]!, data: frame.subarray(HEADER) };
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

function sizeOf(bytes: Buffer, at: number): number {
  if (bytes.length - at < HEADER) return HEADER;
  const length = bytes.readUInt32BE(at + 1);
  if (length > LONGEST_MESSAGE) throw new Error(`a message of ${length} bytes is too long`);
  return HEADER + length;
}
