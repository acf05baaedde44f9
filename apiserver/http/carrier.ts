import type { EventEmitter } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { StreamBody } from "./event-stream.ts";

/** A request, as `node:http` shows it. */
export interface HttpRequest extends Readable {
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[];
  /** The connection. */
  readonly socket: Socket;
}

/** An answer, as `node:http` writes it. It emits `drain`, `close` (also when it was never written) and `error`. */
export interface HttpResponse extends EventEmitter {
  statusCode: number;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  setHeader(name: string, value: number | string | readonly string[]): unknown;
  appendHeader(name: string, value: string): unknown;
  writeHead(code: number): unknown;
  /** False: wait for `drain`. */
  write(chunk: string | Uint8Array): boolean;
  end(): unknown;
  end(last: Uint8Array): unknown;
}

/** What one request and its answer travel on: a connection of HTTP/1.1, or one of the many streams on a connection of HTTP/2. */
export interface Carrier {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** The client offers to leave HTTP: the connection serves nothing after this, and the request has no body. */
  readonly isUpgrade: boolean;
  /** Before the answer begins: it is the last one on its connection. */
  answerLast(): void;
  /** At once, before there is anything to follow them. */
  sendHeaders(): void;
  /** What follows them as it comes. */
  readonly body: StreamBody;
  /** There will be no answer: an earlier one was the last. */
  ignore(): void;
  /** Ends it at once, in a way that lets no client take half an answer for a whole one. */
  cut(): void;
  /** Leaves HTTP, if the client has offered it: from here on the connection is the caller's, who ends it. */
  switchTo(protocol: string): Socket;
}
