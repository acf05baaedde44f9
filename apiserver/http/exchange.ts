import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { StatusError } from "../../api/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Authority } from "../admission/authority.ts";
import { wantsWebSocket, webSocketOffer } from "../websocket/handshake.ts";
import { WebSocketBody } from "../websocket/web-socket-body.ts";
import type { Carrier, HttpRequest, HttpResponse } from "./carrier.ts";
import { inChunks, slices } from "./chunks.ts";
import { COMPRESS_FROM, compress, compressing, takesGzip } from "./compression.ts";
import { EventStream } from "./event-stream.ts";
import type { KeptBody } from "./kept-body.ts";
import { warningHeader } from "./warning-header.ts";

/** Long replies are written in pieces of this many characters. */
const PIECE = 128 * 1024;
/** In bytes. To cut what is there already costs nothing, and a reader who takes nothing keeps one piece of it here. */
const KEPT_PIECE = 32 * 1024;

/** What only the body says. The verbs fill it in. */
export interface Learned {
  /** Of an Object that is created. */
  name?: string | undefined;
  /** Nothing was changed, whatever the code says. */
  isDryRun?: boolean | undefined;
}

/** One request and its one reply. */
export class Exchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly auditId = randomUUID();
  /** Who asks, and what he may; undefined until he is known and allowed to. */
  authority: Authority | undefined;
  /** What the verb found in the body, for the audit log. */
  readonly learned: Learned = {};
  /** Called with the code before an answer begins: what must be written down by then. Streams of events and sessions do not wait for it. */
  beforeAnswer: ((code: number) => Promise<void>) | undefined;
  /** Resolves when the reply has left, or the connection has ended. */
  readonly over: Promise<void>;
  readonly #over = Promise.withResolvers<void>();
  readonly #carrier: Carrier;
  readonly #clock: Clock;
  #isLost = false;
  #gone: AbortController | undefined;
  #endedFor: StatusError | undefined;

  constructor(carrier: Carrier, clock: Clock) {
    const { request, response } = carrier;
    this.request = request;
    this.response = response;
    this.#carrier = carrier;
    this.#clock = clock;
    this.over = this.#over.promise;
    response.setHeader("Audit-Id", this.auditId);
    response.setHeader("Cache-Control", "no-cache, private");
    response.once("close", () => this.lost());
  }

  /** Aborts when the client has gone, and when `end` is called. (`request`'s own close event comes when its body has been read.) */
  get gone(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#isLost || this.request.socket.destroyed) this.#gone.abort();
    return this.#gone.signal;
  }

  /** Why the server ended it, for who can still be told. */
  get endedFor(): StatusError | undefined {
    return this.#endedFor;
  }

  /** Ends what streams, in good order. Short requests are not disturbed. */
  end(why?: StatusError): void {
    this.#endedFor ??= why;
    this.#gone?.abort();
  }

  get isUpgrade(): boolean {
    return this.#carrier.isUpgrade;
  }

  answerLast(): void {
    this.#carrier.answerLast();
  }

  cut(): void {
    this.#carrier.cut();
  }

  /** The connection has ended. A response that was still waiting for its turn does not notice. */
  lost(): void {
    this.#isLost = true;
    this.end();
    this.#over.resolve();
  }

  /** Leaves HTTP: from here on the connection is the caller's, who ends it. */
  switchTo(protocol: string, headers: Readonly<Record<string, string>> = {}): Socket {
    for (const [name, value] of Object.entries(headers)) this.response.setHeader(name, value);
    return this.#carrier.switchTo(protocol);
  }

  get accept(): string | undefined {
    return this.request.headers.accept;
  }

  warn(texts: readonly string[]): void {
    const kept = warningHeader(texts);
    if (kept.length > 0) this.response.setHeader("Warning", kept);
  }

  json(code: number, body: string): Promise<void> {
    return this.send(code, "application/json", body);
  }

  /** Starts a reply of unknown length. The headers leave at once: the client learns that its request was accepted before the first event. */
  stream(contentType: string, code = 200): EventStream {
    this.response.statusCode = code;
    this.response.setHeader("Content-Type", contentType);
    const stream = new EventStream(this.#carrier.body, this.#clock, () => this.cut());
    this.#carrier.sendHeaders();
    return stream;
  }

  /**
   * Starts a reply that goes on as things happen. Who asks for a WebSocket gets it as messages, as from the real server: events as text, all else in bytes, or in
   * Base64 where the client prefers that.
   */
  follow(contentType: string): EventStream {
    const { headers } = this.request;
    if (!this.isUpgrade || !wantsWebSocket(headers)) return this.stream(contentType);
    const offer = webSocketOffer(headers);
    const [preferred] = offer.protocols;
    const framing = contentType.includes("json") ? "lines" : preferred?.startsWith("base64.") ? "base64" : "bytes";
    const body = new WebSocketBody(this.switchTo("websocket", offer.answer(preferred)), framing);
    return new EventStream(body, this.#clock, () => this.cut());
  }

  /** However long it is, a reader has time for it as long as he reads. */
  sendLong(code: number, contentType: string, text: string): Promise<void> {
    return this.sendParts(code, contentType, slices(text, PIECE));
  }

  /** What is small goes out whole; the rest as fast as it is read, so that however many read long lists, little of them is in memory. */
  async sendParts(code: number, contentType: string, parts: Iterable<string>): Promise<void> {
    const pieces = inChunks(asLine(parts), PIECE);
    const first = pieces.next().value ?? "";
    const second = pieces.next();
    if (second.done) return this.send(code, contentType, first);
    await this.beforeAnswer?.(code);
    const rest = chain(first, second.value, pieces);
    const compressed = takesGzip(this.request);
    if (compressed) this.#markCompressed();
    const stream = this.stream(contentType, code);
    for await (const piece of compressed ? Readable.from(rest).pipe(compressing()) : rest) {
      if (this.#isLost) return;
      await stream.write(piece);
    }
    stream.end();
  }

  #markCompressed(): void {
    this.response.setHeader("Content-Encoding", "gzip");
    this.response.appendHeader("Vary", "Accept-Encoding");
  }

  /** Resolves when the reply has been handed to the connection. */
  async send(code: number, contentType: string, body: string): Promise<void> {
    const { response } = this;
    let bytes: Buffer = Buffer.from(body, "utf8");
    await this.beforeAnswer?.(code);
    response.setHeader("Content-Type", contentType);
    if (bytes.length >= COMPRESS_FROM && takesGzip(this.request)) {
      bytes = await compress(bytes);
      this.#markCompressed();
    }
    response.setHeader("Content-Length", bytes.length);
    response.writeHead(code);
    response.end(bytes);
  }

  /** Only to who does not have it yet. */
  async sendKept(body: KeptBody): Promise<void> {
    const { request, response } = this;
    response.setHeader("ETag", body.etag);
    if (body.isKnownTo(request.headers["if-none-match"])) {
      response.writeHead(304);
      response.end();
      return;
    }
    const compressed = body.bytes.length >= COMPRESS_FROM && takesGzip(request);
    if (compressed) this.#markCompressed();
    const bytes = compressed ? await body.compressed() : body.bytes;
    response.setHeader("Content-Length", bytes.length);
    if (request.method === "HEAD" || bytes.length <= KEPT_PIECE) {
      response.setHeader("Content-Type", body.contentType);
      response.writeHead(200);
      response.end(bytes);
      return;
    }
    // As fast as it is read: what is handed over at once is encrypted at once, and kept for each who does not take it.
    const stream = this.stream(body.contentType);
    for (let at = 0; at < bytes.length; at += KEPT_PIECE) {
      if (this.#isLost) return;
      await stream.write(bytes.subarray(at, at + KEPT_PIECE));
    }
    stream.end();
  }

  /** For good: it is elsewhere. */
  redirect(to: string): Promise<void> {
    this.response.setHeader("Location", to);
    return this.send(301, "text/plain; charset=utf-8", "");
  }

  /** Answers with the error's Status; if the answer has begun already, cuts the connection, so that no client takes half an answer for a whole one. */
  async fail(error: StatusError): Promise<void> {
    if (this.response.headersSent) {
      if (!this.response.writableEnded) this.cut();
      return;
    }
    const retryAfter = error.details?.retryAfterSeconds;
    if (retryAfter !== undefined) this.response.setHeader("Retry-After", retryAfter);
    if (error.code === 401) this.response.setHeader("WWW-Authenticate", 'Bearer realm="wctl"');
    await this.json(error.code, `${JSON.stringify(error.toStatus())}\n`);
  }
}

function* asLine(parts: Iterable<string>): Generator<string> {
  yield* parts;
  yield "\n";
}

function* chain(first: string, second: string, rest: Iterable<string>): Generator<string> {
  yield first;
  yield second;
  yield* rest;
}

/** The reply to an unexpected error shows nothing internal; the log has the error under the same Audit-Id. */
export const asStatusError = (error: unknown, auditId: string): StatusError =>
  error instanceof StatusError
    ? error
    : new StatusError("InternalError", `Internal error occurred: the daemon's log has it under audit id ${auditId}`, {
        cause: error,
      });
