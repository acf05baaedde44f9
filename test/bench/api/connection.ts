import { once } from "node:events";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import type { Endpoint } from "../../../api/http/transport.ts";

export interface Answer {
  code: number;
  body: string;
}

export function http1To(endpoint: Endpoint): ConnectionOptions {
  const { hostname, port } = new URL(endpoint.server);
  return { host: hostname, port: Number(port), ...credentialsOf(endpoint), ALPNProtocols: ["http/1.1"] };
}

export const credentialsOf = ({ ca = "", cert = "", key = "" }: Endpoint) => ({
  ca: Buffer.from(ca),
  cert: Buffer.from(cert),
  key: Buffer.from(key),
});

/** One connection of HTTP/1.1 over TLS that asks one thing after the other. By hand, because what a client computes is computed beside the daemon. */
export class Connection {
  readonly #socket: TLSSocket;
  readonly #host: string;
  #received: Buffer = Buffer.alloc(0);
  #waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  private constructor(socket: TLSSocket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.on("data", (chunk: Buffer) => this.#hear(chunk));
    socket.on("error", (error) => this.#waiting?.reject(error));
    socket.on("close", () => this.#waiting?.reject(new Error("the connection was closed")));
  }

  static async open(endpoint: Endpoint): Promise<Connection> {
    const socket = connect(http1To(endpoint));
    await once(socket, "secureConnect");
    return new Connection(socket.setNoDelay(true), new URL(endpoint.server).host);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Rejects for every code of 400 and above. */
  async ask(method: string, path: string, body: object | undefined, type = "application/json"): Promise<Answer> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const length = text === "" ? "" : `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`;
    const head = `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nUser-Agent: bench\r\n${length}\r\n`;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting = { resolve, reject };
    this.#socket.write(head + text);
    const answer = await promise;
    if (answer.code >= 400) throw new Error(`${method} ${path}: ${answer.code} ${answer.body.slice(0, 300)}`);
    return answer;
  }

  #hear(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = this.#received.toString("latin1", 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (this.#received.length < end + 4 + length) return;
    const answer = {
      code: Number(head.slice(9, 12)),
      body: this.#received.toString("utf8", end + 4, end + 4 + length),
    };
    this.#received = Buffer.alloc(0);
    this.#waiting?.resolve(answer);
  }
}
