import { Duplex } from "node:stream";
import { answerToClose, closeCodes, closeFrame, frameOf, opcodes, WebSocketError, WebSocketReader } from "./frames.ts";

/** A WebSocket as a stream of bytes: its binary messages, wherever they are cut. So another protocol can be spoken through it. */
export class WebSocketTunnel extends Duplex {
  readonly #socket: Duplex;
  readonly #reader = new WebSocketReader();

  constructor(socket: Duplex) {
    super();
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#hear(chunk));
    socket.on("end", () => this.push(null));
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(frameOf(opcodes.binary, [chunk]), done);
  }

  override _final(done: () => void): void {
    this.#close(closeCodes.normal);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#socket.writableEnded) this.#socket.destroy();
    done(error);
  }

  #hear(chunk: Buffer): void {
    if (this.readableEnded || this.destroyed) return;
    try {
      for (const { opcode, data } of this.#reader.push(chunk)) {
        if (opcode === opcodes.binary && !this.push(data)) this.#socket.pause();
        // Who reads no answers gets none: they would pile up.
        if (opcode === opcodes.ping && this.#socket.writable && !this.#socket.writableNeedDrain)
          this.#socket.write(frameOf(opcodes.pong, [data]));
        if (opcode !== opcodes.close) continue;
        this.#close(answerToClose(data));
        return void this.destroy();
      }
    } catch (error) {
      this.#close(error instanceof WebSocketError ? error.code : closeCodes.protocolError);
      this.destroy();
    }
  }

  /** What says why it is closed still leaves. */
  #close(code: number): void {
    if (!this.#socket.writableEnded) this.#socket.end(closeFrame(code), () => this.#socket.destroy());
  }
}
