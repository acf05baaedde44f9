import { type IncomingMessage, type ServerOptions, ServerResponse } from "node:http";
import type { Server, Socket } from "node:net";
import type { Carrier } from "./carrier.ts";
import { Http1Carrier } from "./http1-carrier.ts";
import { refuseMalformed } from "./malformed.ts";
import type { Limits } from "./request-limits.ts";

/** What answers the requests. */
interface Pipeline {
  /** Never rejects. */
  serve(carrier: Carrier): Promise<void>;
  isAnswering(socket: Socket): boolean;
}

/** `node:http`'s server, or `node:https`'s. */
type Http1Server = Server & { maxRequestsPerSocket: number | null };

/** How much, and for how long, a client of HTTP/1.1 may send. */
export const http1Options = ({ headersMs, requestMs, checkMs }: Limits) =>
  ({
    maxHeaderSize: 16 * 1024,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
    keepAliveTimeout: 120_000, // Longer than clients keep idle connections (client-go: 90 s), so that they close first.
    noDelay: true,
  }) as const satisfies ServerOptions;

/** Hands the requests of HTTP/1.1 to the pipeline, whatever server they come from. */
export class Http1Requests {
  readonly #pipeline: Pipeline;
  readonly #limits: Limits;
  readonly #lastAnswers = new WeakMap<Socket, ServerResponse>();

  constructor(pipeline: Pipeline, limits: Limits) {
    this.#pipeline = pipeline;
    this.#limits = limits;
  }

  /** From now on the requests of this server are answered. */
  serveOn(server: Http1Server): void {
    // The caps of each and all hold before: this is the wall behind them.
    server.maxConnections = this.#limits.connections + this.#limits.strangers;
    server.maxRequestsPerSocket = 0;
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      this.#lastAnswers.set(request.socket, response);
      void this.#pipeline.serve(new Http1Carrier(request, response));
    };
    server.on("request", serve);
    server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
      // While the answer before has not left, Node would put it between the head and the body of this one. A client that waits for it goes on by itself.
      if (response.socket) response.writeContinue();
      serve(request, response);
    });
    server.on("checkExpectation", serve);
    server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      this.#whenFree(socket, () => {
        void this.#pipeline.serve(new Http1Carrier(request, answerTo(request, socket), { isUpgrade: true }));
      });
    });
    server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
      // A refusal written between the parts of another answer would be read as part of it.
      if (this.#pipeline.isAnswering(socket)) socket.destroy();
      else refuseMalformed(error, socket);
    });
  }

  /**
   * A connection is one answer's at a time. A client may have read the whole of the last one before we are told that it has left; who asks for another
   * protocol before that answer is even written is cut off.
   */
  #whenFree(socket: Socket, begin: () => void): void {
    const last = this.#lastAnswers.get(socket);
    if (!last || (last.writableFinished && last.socket === null)) return void begin();
    if (!last.writableEnded) return void socket.destroy();
    last.once("close", () => setImmediate(() => (socket.destroyed ? undefined : begin())));
  }
}

/** Node has let go of a connection whose client asks for another protocol: the answer, unless it leaves HTTP, is its last. */
function answerTo(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once("finish", () => socket.destroySoon());
  return response;
}
