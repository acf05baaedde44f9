import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Clock, Timer } from "../../lib/clock.ts";
import type { Carrier } from "./carrier.ts";
import { Http2Carrier } from "./http2-carrier.ts";
import type { Http2Headers } from "./http2-headers.ts";
import type { Limits } from "./request-limits.ts";

/** As the real server since the rapid resets of 2023. Clients that need more open another connection. */
const MOST_STREAMS = 100;
/** As of HTTP/1.1. */
const MOST_HEADER_BYTES = 16 * 1024;
/**
 * MB; as good as none. Node never takes off what was still to be sent on a stream that its client has reset, so that with its limit of 10 a client that
 * gives up some large answers is refused everything on that connection from then on. What waits is bounded by the pace of each answer and MOST_STREAMS.
 */
const MOST_SESSION_MEMORY = 1_000_000;

/**
 * One connection of HTTP/2 (RFC 9113) over TLS. Floods are bounded by nghttp2: resets (a thousand at once, then 33 a second), CONTINUATION frames (8 for
 * a header), acknowledgements that nobody takes (1,000). What else a client may cost is bounded for each stream, by the pipeline, as for HTTP/1.1.
 */
export class Http2Connection {
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #requestMs: number;
  readonly #quietMs: number;
  readonly #serve: (carrier: Carrier) => void;
  readonly #first: Timer;
  #streams = 0;
  #hasRested = false;
  #isAsked = false;

  constructor(socket: Socket, limits: Limits, clock: Clock, serve: (carrier: Carrier) => void) {
    this.#socket = socket;
    this.#clock = clock;
    this.#requestMs = limits.requestMs;
    this.#serve = serve;
    const settings = { maxConcurrentStreams: MOST_STREAMS, maxHeaderListSize: MOST_HEADER_BYTES };
    this.#session = performServerHandshake(socket, { settings, maxSessionMemory: MOST_SESSION_MEMORY });
    this.#first = clock.after(limits.headersMs, () => this.#session.destroy());
    this.#session.on("error", () => socket.destroy());
    this.#session.on("stream", (stream, headers, flags, rawHeaders) => {
      this.#begin(stream, { headers, rawHeaders }, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
    });
    this.#quietMs = limits.quietMs;
    this.#waitForQuiet();
  }

  /** Begins no more streams; the connection ends with the last of those that are open. */
  close(): void {
    this.#session.close();
  }

  #begin(stream: ServerHttp2Stream, received: Http2Headers, isWhole: boolean): void {
    this.#first.cancel();
    this.#streams++;
    this.#hasRested = false;
    const carrier = new Http2Carrier(stream, this.#socket, received);
    const late = isWhole ? undefined : this.#clock.after(this.#requestMs, () => carrier.cut());
    carrier.request.once("end", () => late?.cancel());
    stream.once("close", () => {
      late?.cancel();
      this.#streams--;
    });
    // In HTTP/1.1 Node says so by itself.
    if (received.headers.expect === "100-continue") carrier.response.writeContinue();
    this.#serve(carrier);
  }

  #waitForQuiet(): void {
    this.#session.setTimeout(this.#quietMs, () => this.#quiet());
  }

  /** Nothing has been sent or received for a while. */
  #quiet(): void {
    if (this.#isAsked) return void this.#socket.destroy();
    if (this.#hasRested) return void this.close();
    this.#hasRested = this.#streams === 0;
    this.#isAsked = true;
    this.#session.ping(() => {
      this.#isAsked = false;
    });
    this.#waitForQuiet();
  }
}
