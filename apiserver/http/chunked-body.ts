import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { StreamBody } from "./event-stream.ts";

/**
 * What follows the headers of an answer of HTTP/1.1, in chunks (RFC 9112, 7.1). Bytes that many answers have in common, one after the other, are framed once
 * for all of them, and leave in one write: Node's response would frame them for each in four.
 */
export class ChunkedBody implements StreamBody {
  readonly #response: ServerResponse;
  readonly #socket: Socket;

  constructor(response: ServerResponse, socket: Socket) {
    this.#response = response;
    this.#socket = socket;
  }

  write(chunk: string | Uint8Array): boolean {
    if (typeof chunk === "string" || !this.#isNext) return this.#response.write(chunk);
    return chunk.length === 0 || this.#socket.write(framed(chunk)); // An empty chunk would be the last.
  }

  end(): void {
    this.#response.end();
  }

  on(event: "drain" | "close", listener: () => void): void {
    this.#response.on(event, listener);
    if (event === "drain") this.#socket.on(event, listener);
  }

  once(event: "close", listener: () => void): void {
    this.#response.once(event, listener);
  }

  off(event: "drain" | "close", listener: () => void): void {
    this.#response.off(event, listener);
    if (event === "drain") this.#socket.off(event, listener);
  }

  /** Not before the answers that were asked for earlier on this connection, and not to who knows no chunks. */
  get #isNext(): boolean {
    const { chunkedEncoding, socket, req, writableEnded } = this.#response;
    return chunkedEncoding && socket === this.#socket && req.method !== "HEAD" && !writableEnded;
  }
}

const CRLF = Buffer.from("\r\n");

let last: { chunk: Uint8Array; bytes: Uint8Array } = { chunk: CRLF, bytes: CRLF };

function framed(chunk: Uint8Array): Uint8Array {
  if (chunk !== last.chunk) {
    const size = Buffer.from(`${chunk.length.toString(16)}\r\n`);
    last = { chunk, bytes: Buffer.concat([size, chunk, CRLF]) };
  }
  return last.bytes;
}
