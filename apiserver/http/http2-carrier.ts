import { constants, Http2ServerRequest, Http2ServerResponse, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { StatusError } from "../../api/errors.ts";
import type { Carrier } from "./carrier.ts";
import { type Http2Headers, plainHeaders } from "./http2-headers.ts";

/** One stream. Whatever ends it leaves the others on the connection alone. */
export class Http2Carrier implements Carrier {
  readonly request: Http2ServerRequest;
  readonly response: Http2ServerResponse;
  readonly isUpgrade = false;
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream, socket: Socket, received: Http2Headers) {
    const { headers, rawHeaders } = plainHeaders(received);
    this.#stream = stream;
    this.request = new Http2ServerRequest(stream, headers, {}, rawHeaders);
    // The connection itself, as in HTTP/1.1. Node would give a stand-in, another one for each stream.
    Object.defineProperty(this.request, "socket", { value: socket });
    this.response = new Http2ServerResponse(stream);
  }

  /** The client is told to take another connection for whatever it asks next. */
  answerLast(): void {
    this.#stream.session?.close();
  }

  sendHeaders(): void {
    this.response.writeHead(this.response.statusCode);
  }

  get body(): Http2ServerResponse {
    return this.response;
  }

  /** It was not looked at: the client may ask again on another connection (RFC 9113, 8.7). */
  ignore(): void {
    this.#stream.close(constants.NGHTTP2_REFUSED_STREAM);
  }

  cut(): void {
    this.#stream.destroy(new Error("cut off"));
  }

  switchTo(): never {
    throw new StatusError("BadRequest", "a stream of HTTP/2 cannot leave HTTP: use HTTP/1.1");
  }
}
