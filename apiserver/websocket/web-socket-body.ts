import type { Socket } from "node:net";
import { answerToClose, closeCodes, closeFrame, frameOf, opcodes, WebSocketError, WebSocketReader } from "./frames.ts";

/** What becomes a message: each line as text, or each piece as bytes or as text in Base64. */
export type Framing = "lines" | "bytes" | "base64";

/**
 * The body of a reply as messages of a WebSocket, as Kubernetes serves watches and logs to web pages. It takes what a response takes. The client has nothing
 * to say but that it goes: all else is read and dropped.
 */
export class WebSocketBody {
  readonly #socket: Socket;
  readonly #framing: Framing;
  readonly #reader = new WebSocketReader();
  readonly #utf8 = new TextDecoder();
  /** Of a line that has not ended yet. */
  #rest = "";

  constructor(socket: Socket, framing: Framing) {
    this.#socket = socket;
    this.#framing = framing;
    socket.on("data", (chunk: Buffer) => this.#hear(chunk));
    socket.on("end", () => socket.destroySoon());
    socket.on("error", () => socket.destroy());
    if (framing !== "lines") this.write(""); // As the real server: the client learns at once that there will be something.
  }

  /** False: wait for `drain`. */
  write(chunk: string | Uint8Array): boolean {
    if (!this.#socket.writable) return true; // Nobody hears it, and the end is told by `close`.
    return this.#socket.write(Buffer.concat(this.#framed(chunk)));
  }

  end(): void {
    if (this.#socket.writable) this.#socket.end(closeFrame(closeCodes.normal));
  }

  on(event: "drain" | "close", listener: () => void): this {
    this.#socket.on(event, listener);
    return this;
  }

  once(event: "drain" | "close", listener: () => void): this {
    this.#socket.once(event, listener);
    return this;
  }

  off(event: "drain" | "close", listener: () => void): this {
    this.#socket.off(event, listener);
    return this;
  }

  #framed(chunk: string | Uint8Array): Buffer[] {
    if (this.#framing === "lines") return this.#lines(chunk).map((line) => frameOf(opcodes.text, [Buffer.from(line)]));
    const bytes = Buffer.from(chunk as string); // Of bytes it makes a copy.
    if (this.#framing === "bytes") return [frameOf(opcodes.binary, [bytes])];
    return [frameOf(opcodes.text, [Buffer.from(bytes.toString("base64"))])];
  }

  #lines(chunk: string | Uint8Array): string[] {
    const said = typeof chunk === "string" ? chunk : this.#utf8.decode(chunk, { stream: true });
    const lines = (this.#rest + said).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines;
  }

  #hear(chunk: Buffer): void {
    if (!this.#socket.writable) return;
    try {
      for (const { opcode, data } of this.#reader.push(chunk)) this.#hearMessage(opcode, data);
    } catch (error) {
      this.#leave(error instanceof WebSocketError ? error.code : closeCodes.protocolError);
    }
  }

  #hearMessage(opcode: number, data: Buffer): void {
    if (opcode === opcodes.close) this.#leave(answerToClose(data));
    // Who reads no answers gets none: they would pile up.
    else if (opcode === opcodes.ping && this.#socket.writable && !this.#socket.writableNeedDrain)
      this.#socket.write(frameOf(opcodes.pong, [data]));
  }

  /** The client's end of the connection may stay open as long as it likes. */
  #leave(code: number): void {
    if (this.#socket.writable) this.#socket.write(closeFrame(code));
    this.#socket.destroySoon();
  }
}
