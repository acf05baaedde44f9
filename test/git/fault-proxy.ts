import { once } from "node:events";
import { request as requestHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { type GitUrl, parseGitUrl } from "../../api/git/git-url.ts";

/** What the git server says, whole. */
export interface Answer {
  method: string;
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** The bytes that are sent in its place, until they end (a clean end) or this throws `CUT`. */
export type Fault = (answer: Answer) => Iterable<Buffer | string> | AsyncIterable<Buffer | string>;

export const CUT = new Error("the connection is cut");

/** An answer as bytes; `headers` and `body` as they are, whether or not they belong together. */
export function spoken({ status, headers, body }: Omit<Answer, "method">): Buffer {
  const lines = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Said\r\n${lines.join("")}\r\n`), body]);
}

/** With the length that it has. */
export const whole = ({ headers, body, ...rest }: Answer): Buffer =>
  spoken({ ...rest, headers: { ...headers, "content-length": String(body.length) }, body });

/** So many bytes at a time, after so long. */
const DRIP_MS = 20;

/** Stands before a git server with that server's own certificate, and spoils what it says. */
export class FaultProxy {
  readonly #server: Server;
  readonly #target: GitUrl;
  readonly #ca: string;
  readonly #open = new Set<TLSSocket>();
  /** Of requests that came before: programs of git cost more than all else here. Nothing may be pushed meanwhile. */
  readonly #known = new Map<string, Promise<Answer>>();
  fault: Fault = (answer) => [whole(answer)];
  /** What was sent to anybody. */
  sent = 0;

  private constructor(own: { key: string; cert: string; ca: string }, target: GitUrl) {
    this.#target = target;
    this.#ca = own.ca;
    this.#server = createServer(own, (socket) => void this.#serve(socket).catch(() => socket.destroy()));
    this.#server.on("tlsClientError", () => {});
  }

  static async start(own: { key: string; cert: string; ca: string }, target: GitUrl): Promise<FaultProxy> {
    const proxy = new FaultProxy(own, target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  url(repository: string): GitUrl {
    const url = parseGitUrl(`https://localhost:${(this.#server.address() as AddressInfo).port}/${repository}`);
    if (typeof url === "string") throw new Error(url);
    return url;
  }

  /** Of connections. */
  get open(): number {
    return this.#open.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(socket: TLSSocket): Promise<void> {
    this.#open.add(socket);
    const gone = new AbortController();
    socket
      .on("error", () => {})
      .on("close", () => {
        this.#open.delete(socket);
        gone.abort();
      });
    const { fault } = this;
    const asked = await requestOf(socket);
    const question = JSON.stringify({ ...asked, body: asked.body.toString("latin1") });
    const answer = this.#known.get(question) ?? this.#asked(asked);
    this.#known.set(question, answer);
    for await (const bytes of fault(await answer)) {
      if (gone.signal.aborted) return;
      this.sent += bytes.length;
      if (!socket.write(bytes)) await once(socket, "drain", { signal: gone.signal });
    }
    socket.end();
  }

  async #asked({ method, path, headers, body }: Asked): Promise<Answer> {
    const { port } = this.#target;
    const options = { method, host: "localhost", port, path, headers, ca: this.#ca, agent: false };
    const sent = requestHttps(options).end(body);
    const [response] = await once(sent, "response");
    const { "content-type": type = "" } = response.headers;
    return { method, status: response.statusCode, headers: { "content-type": type }, body: await buffer(response) };
  }
}

interface Asked {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

async function requestOf(socket: TLSSocket): Promise<Asked> {
  let read = Buffer.alloc(0);
  for (;;) {
    const end = read.indexOf("\r\n\r\n");
    if (end >= 0) {
      const [first = "", ...lines] = read.toString("latin1", 0, end).split("\r\n");
      const [method = "", path = ""] = first.split(" ");
      const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/, 2) as [string, string]));
      const length = Number(Object.entries(headers).find(([name]) => /^content-length$/i.test(name))?.[1] ?? 0);
      const body = read.subarray(end + 4);
      if (body.length >= length) return { method, path, headers, body };
    }
    const [chunk] = (await once(socket, "data")) as [Buffer];
    read = Buffer.concat([read, chunk]);
  }
}

/** So many bytes of it, then no more, and no end. */
export async function* hanging(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, length);
  await new Promise(() => {});
}

export function* cut(bytes: Buffer, length: number): Generator<Buffer> {
  yield bytes.subarray(0, length);
  throw CUT;
}

/** Byte by byte, again and again when it is not enough. */
export async function* dripping(bytes: Buffer, from: number): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, from);
  for (let at = from; ; at++) {
    await pause(DRIP_MS);
    yield bytes.subarray(at % bytes.length, (at % bytes.length) + 1);
  }
}

export function* endless(first: Buffer | string, again: Buffer | string): Generator<Buffer | string> {
  yield first;
  for (;;) yield again;
}
