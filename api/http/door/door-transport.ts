import type { Duplex } from "node:stream";
import { connectionError } from "../connection-error.ts";
import { impersonationHeaders } from "../impersonation.ts";
import {
  type Endpoint,
  type HttpAnswer,
  type HttpRequest,
  leftHttp,
  otherProtocol,
  type Transport,
} from "../transport.ts";
import { answerBody } from "./answer-body.ts";
import { type AnswerHead, framingOf } from "./answer-head.ts";
import { ByteSource } from "./byte-source.ts";
import type { Door } from "./door.ts";
import { DoorAnswer } from "./door-answer.ts";
import { ask, Limits } from "./door-exchange.ts";
import type { Headers } from "./request-head.ts";

interface Opened {
  connection: Duplex;
  source: ByteSource;
  limits: Limits;
}

/**
 * The Transport by the local door: HTTP/1.1 over a connection for each request, without what `node:http` and TLS cost a short command to load. Where the
 * door is shut, or ends before it has answered what only reads, HTTPS is used.
 */
export class DoorTransport implements Transport {
  readonly #door: Door;
  readonly #https: Transport;
  readonly #identity: Headers;
  readonly #busy = new Set<Duplex>();

  constructor(door: Door, { impersonate }: Pick<Endpoint, "impersonate">, https: Transport) {
    this.#door = door;
    this.#https = https;
    this.#identity = impersonate ? impersonationHeaders(impersonate) : {};
  }

  get server(): URL {
    return this.#https.server;
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    const opened = await this.#open(request);
    if (!opened) return this.#https.send(request);
    try {
      const head = await this.#ask(opened, request, { connection: "close" });
      if (head.statusCode === 101) throw leftHttp();
      if (request.streams) opened.limits.liftTime();
      return this.#answer(opened, head, request);
    } catch (error) {
      opened.connection.destroy();
      // A daemon that went away before it said anything: reading again does no harm.
      if (request.method === "GET" && opened.source.isUnheard && isCut(error)) return this.#https.send(request);
      throw this.#explained(error, request);
    }
  }

  async upgrade(request: HttpRequest, protocol: string): ReturnType<Transport["upgrade"]> {
    const opened = await this.#open(request);
    if (!opened) return this.#https.upgrade(request, protocol);
    const { connection, source, limits } = opened;
    try {
      const head = await this.#ask(opened, request, { connection: "Upgrade", upgrade: protocol });
      if (head.statusCode !== 101) return { refused: this.#answer(opened, head, request) };
      if (head.headers.get("upgrade")?.[0]?.toLowerCase() !== protocol) throw otherProtocol(protocol);
      limits.lift();
      source.release();
      return { socket: connection };
    } catch (error) {
      connection.destroy();
      throw this.#explained(error, request);
    }
  }

  close(): void {
    for (const connection of this.#busy) connection.destroy();
    this.#https.close();
  }

  /** Undefined: nothing was said, and HTTPS will do. */
  async #open(request: HttpRequest): Promise<Opened | undefined> {
    request.signal?.throwIfAborted();
    const connection = await this.#door.connect();
    if (!connection) return undefined;
    this.#busy.add(connection);
    connection.once("close", () => this.#busy.delete(connection));
    const source = new ByteSource(connection);
    if (request.signal?.aborted) connection.destroy();
    request.signal?.throwIfAborted();
    return { connection, source, limits: new Limits(connection, request) };
  }

  #ask({ connection, source }: Opened, request: HttpRequest, hop: Headers): Promise<AnswerHead> {
    return ask(connection, source, request, { ...request.headers, ...hop, ...this.#identity });
  }

  #answer({ connection, source }: Opened, head: AnswerHead, { method, silenceMs }: HttpRequest): DoorAnswer {
    const body = answerBody(source, framingOf(head, method));
    return new DoorAnswer(connection, head, { by: this.#door.name, body, silenceMs });
  }

  #explained(error: unknown, { signal }: HttpRequest): unknown {
    return signal?.aborted ? signal.reason : connectionError(this.server, error);
  }
}

const isCut = (error: unknown): boolean =>
  ["ECONNRESET", "EPIPE"].includes((error as NodeJS.ErrnoException).code ?? "");
