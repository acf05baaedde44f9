import type { Duplex } from "node:stream";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { JsonObject } from "../../lib/json-object.ts";
import type { CallOptions } from "../client.ts";
import type { Door } from "./door/door.ts";
import { DoorTransport } from "./door/door-transport.ts";
import { answer, bodyOf, readText, refusal, warningsOf } from "./http-response.ts";
import { HttpTransport } from "./http-transport.ts";
import { Patience } from "./patience.ts";
import type { Endpoint, HttpAnswer, HttpRequest, Transport } from "./transport.ts";
import { type RawWatchEvent, watchEvents } from "./watch-stream.ts";

export interface RestClientOptions {
  /** Gets the text of every `Warning` header, once per answer that has it, unless the call has its own listener. */
  onWarning?: (text: string) => void;
  /** Gets one line per request and answer (`-v 6`). No header, no body: nothing secret. */
  onRequest?: (line: string) => void;
  /** Awaited before each request that may change something; nothing is sent when it rejects. */
  beforeWrite?: () => Promise<void>;
  /** The longest time for one answer, including the time to connect; for a stream, until its first byte. Absent or 0: no limit. */
  timeoutMs?: number;
  /** How long a watch may send nothing; then it rejects with ConnectionError, and the caller should resume it. Default: the time of three missed bookmarks. */
  silenceMs?: number;
  /** Where the server is on this machine, and lets us in as who the endpoint says we are. Absent: HTTPS only. */
  door?: Door;
  /** As in `wctl/1.2.3 (linux/amd64)`. */
  userAgent?: string;
  /** Absent: a refusal stands, also where the server names a time to come back. */
  retries?: Retries;
}

/** How requests are sent again that a server has turned away for a while. */
export interface Retries {
  clock: Clock;
  /** Gets why, before each wait; undefined after it. */
  onWait: (why: string | undefined) => void;
}

/** What a server makes of a request: it has not looked at one that it turns away. */
type Reply<T> = { taken: T } | { refused: HttpAnswer };

export interface RestRequest extends CallOptions {
  body?: string | Uint8Array | Record<string, unknown>;
  /** Of the body; default `application/json`. */
  contentType?: string;
  /** Default `application/json`. */
  accept?: string;
  /** A POST that only asks, as reviews of Kubernetes are. */
  keepsNothing?: boolean;
}

/** A server that is there sends a bookmark every minute. */
const WATCH_SILENCE_MS = 200_000;

/**
 * Requests to one API server, which know paths and bodies but no kinds (as client-go's `rest.RESTClient`). Rejects with the StatusError that
 * the server answered, with ConnectionError when it cannot be reached, or with the signal's reason.
 */
export class RestClient {
  readonly #transport: Transport;
  readonly #options: RestClientOptions;

  constructor(endpoint: Endpoint, options: RestClientOptions = {}) {
    const https = new HttpTransport(endpoint);
    this.#transport = options.door ? new DoorTransport(options.door, endpoint, https) : https;
    this.#options = options;
  }

  get server(): string {
    return this.#transport.server.href.replace(/\/$/, "");
  }

  /** Closes idle connections and breaks busy ones. */
  close(): void {
    this.#transport.close();
  }

  /** The text of the answer. `path` begins with a slash and may have a query. */
  async text(method: string, path: string, request: RestRequest = {}): Promise<string> {
    const response = await this.#send(method, path, request);
    return readText(response, this.#transport.server, request.signal);
  }

  async json(method: string, path: string, request: RestRequest): Promise<JsonObject> {
    return answer(await this.text(method, path, request), this.#transport.server);
  }

  /** The bytes of an answer as they come. Ends when the server ends it, or when the signal aborts. */
  async *bytes(path: string, { signal, ...request }: CallOptions): AsyncGenerator<Uint8Array> {
    const sent = { ...request, ...(signal ? { signal } : {}), accept: "*/*" };
    try {
      const response = await this.#send("GET", path, sent, { streams: true });
      yield* bodyOf(response, this.#transport.server, signal);
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  /** The connection, once the server has agreed to go on in this protocol. */
  async upgrade(path: string, protocol: string, { signal }: CallOptions): Promise<Duplex> {
    const { onRequest, timeoutMs, userAgent = "wctl", beforeWrite } = this.#options;
    await beforeWrite?.();
    const request = {
      method: "POST",
      path,
      headers: { accept: "application/json", "user-agent": userAgent },
      ...(signal ? { signal } : {}),
      ...(timeoutMs ? { timeoutMs } : {}),
    };
    return this.#patiently(async () => {
      const answer = await this.#transport.upgrade(request, protocol);
      const code = "socket" in answer ? 101 : answer.refused.statusCode;
      onRequest?.(`POST ${this.server}${path.split("?", 1)[0]} ${code}`); // The query has the command.
      return "socket" in answer ? { taken: answer.socket } : answer;
    }, signal);
  }

  /** The events of a watch. Ends when the server ends it, or when the signal aborts. */
  async *events(path: string, request: { signal: AbortSignal; accept: string }): AsyncGenerator<RawWatchEvent> {
    const { silenceMs = WATCH_SILENCE_MS } = this.#options;
    try {
      const response = await this.#send("GET", path, request, { streams: true, silenceMs });
      yield* watchEvents(bodyOf(response, this.#transport.server, request.signal));
    } catch (error) {
      if (!request.signal.aborted) throw error;
    }
  }

  /** The answer to a request that was not refused; its body is still to be read. */
  async #send(
    method: string,
    path: string,
    options: RestRequest,
    stream: Pick<HttpRequest, "streams" | "silenceMs"> = {},
  ): Promise<HttpAnswer> {
    const { accept = "application/json", contentType = "application/json", signal } = options;
    const { onRequest, timeoutMs, userAgent = "wctl", beforeWrite } = this.#options;
    if (method !== "GET" && !options.keepsNothing) await beforeWrite?.();
    const { onWarning = this.#options.onWarning } = options;
    const sent =
      typeof options.body === "object" && !(options.body instanceof Uint8Array)
        ? JSON.stringify(options.body)
        : options.body;
    const request = {
      method,
      path,
      headers: {
        accept,
        "user-agent": userAgent,
        // Compression costs more than it saves when no network lies between.
        ...(this.#isNear ? {} : { "accept-encoding": "gzip" }),
        ...(sent === undefined ? {} : { "content-type": contentType }),
      },
      ...(sent === undefined ? {} : { body: sent }),
      ...(signal ? { signal } : {}),
      ...(timeoutMs ? { timeoutMs } : {}),
      ...stream,
    };
    return this.#patiently(async () => {
      const started = performance.now();
      const response = await this.#transport.send(request);
      const code = response.statusCode ?? 0;
      const ms = Math.round(performance.now() - started);
      const by = response.by === undefined ? "" : ` by ${response.by}`;
      onRequest?.(`${method} ${this.server}${path} ${code} in ${ms} milliseconds${by}`);
      for (const warning of onWarning ? warningsOf(response) : []) onWarning?.(warning);
      return code >= 200 && code < 300 ? { taken: response } : { refused: response };
    }, signal);
  }

  /** Asks again as long as the server names a time for it, within bounds. */
  async #patiently<T>(ask: () => Promise<Reply<T>>, signal: AbortSignal | undefined): Promise<T> {
    const { retries, timeoutMs } = this.#options;
    const patience = new Patience(timeoutMs || undefined);
    for (;;) {
      const reply = await ask();
      if ("taken" in reply) return reply.taken;
      const { statusCode: code = 0, headers } = reply.refused;
      const error = refusal(code, await readText(reply.refused, this.#transport.server, signal));
      const waitMs = retries && patience.waitMs(code, headers["retry-after"]);
      if (!retries || waitMs === undefined) throw error;
      retries.onWait(`${error.message} Asking again in ${waitMs / 1000}s`);
      await sleep(retries.clock, waitMs, signal).finally(() => retries.onWait(undefined));
    }
  }

  get #isNear(): boolean {
    return (
      this.#options.door !== undefined || ["127.0.0.1", "[::1]", "localhost"].includes(this.#transport.server.hostname)
    );
  }
}
