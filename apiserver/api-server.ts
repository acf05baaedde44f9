import { constants } from "node:crypto";
import { type IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { StatusError } from "../api/errors.ts";
import { settledWithin, type Timer } from "../lib/clock.ts";
import { Connections } from "./http/connections.ts";
import { Http1Carrier } from "./http/http1-carrier.ts";
import { Http2Connections } from "./http/http2-connections.ts";
import { defaultLimits, type Limits } from "./http/request-limits.ts";
import { type Certificates, serverNames } from "./pki/certificates.ts";
import { type PipelineOptions, RequestPipeline } from "./request-pipeline.ts";

export interface ApiServerOptions extends PipelineOptions {
  /** Called at `listen` and every hour: the server uses what it renewed from then on, without a restart. */
  certificates: () => Promise<Certificates>;
  limits?: Partial<Limits>;
}

const HOUR = 3_600_000;
/** Requests that are in flight at `close` get this long. */
const DRAIN_MS = 5_000;
/** The system gets this long to close the connections that were cut. */
const CUT_MS = 1_000;

/** The Kubernetes REST protocol over HTTPS: HTTP/2 for who offers it, else HTTP/1.1; TLS 1.2 or later. Malformed input ends a connection, never the server. */
export class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #pipeline: RequestPipeline;
  readonly #names = new Set<string>();
  readonly #limits: Limits;
  readonly #connections: Connections;
  readonly #http2: Http2Connections;
  readonly #lastAnswers = new WeakMap<Socket, ServerResponse>();
  #server: Server | undefined;
  #renewal: Timer | undefined;
  #shown = "";

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#connections = new Connections(this.#limits);
    this.#pipeline = new RequestPipeline(options, this.#limits, this.#connections, this.#names);
    this.#http2 = new Http2Connections(this.#limits, options.clock, (carrier) => void this.#pipeline.serve(carrier));
  }

  /** Resolves when requests are answered. Port 0 picks a free one. Rejects when the address is taken or the certificates cannot be made. */
  async listen(host: string, port: number): Promise<{ url: string }> {
    for (const name of serverNames(host)) this.#names.add(name.toLowerCase());
    const certificates = await this.#options.certificates();
    const server = this.#makeServer(certificates);
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    server.on("error", (error) => this.#options.logger.error("API server", { error: error.message }));
    this.#renewLater();
    return { url: `https://${reachable(host)}:${(server.address() as AddressInfo).port}` };
  }

  /**
   * Accepts no more connections, ends watches in good order, and waits up to 5 s for other requests. Resolves when every connection is closed, or after a second
   * more, whatever is in flight (P24).
   */
  async close(): Promise<void> {
    this.#renewal?.cancel();
    const server = this.#server;
    if (!server?.listening) return;
    const { clock, logger } = this.#options;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.#pipeline.endStreams();
    this.#http2.close();
    if (!(await settledWithin(clock, DRAIN_MS, this.#pipeline.drained()))) logger.warn("requests were cut off");
    this.#connections.cut(); // What is left is idle, or has not sent its whole request.
    await settledWithin(clock, CUT_MS, closed);
  }

  #makeServer(certificates: Certificates): Server {
    this.#shown = shownBy(certificates);
    const server = createServer({
      ...secureContext(certificates),
      requestCert: true,
      rejectUnauthorized: false, // The Authenticator judges; health needs no certificate.
      ALPNProtocols: ["h2", "http/1.1"],
      handshakeTimeout: this.#limits.handshakeMs,
      maxHeaderSize: 16 * 1024,
      headersTimeout: this.#limits.headersMs,
      requestTimeout: this.#limits.requestMs,
      connectionsCheckingInterval: this.#limits.checkMs,
      keepAliveTimeout: 120_000, // Longer than clients keep idle connections (client-go: 90 s), so that they close first.
      noDelay: true,
    });
    // The caps of each and all hold before: this is the wall behind them.
    server.maxConnections = this.#limits.connections + this.#limits.strangers;
    server.maxRequestsPerSocket = 0;
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      this.#lastAnswers.set(request.socket, response);
      void this.#pipeline.serve(new Http1Carrier(request, response)); // It never rejects.
    };
    server.on("request", serve);
    server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
      // While the answer before has not left, Node would put it between the head and the body of this one. A client that waits for it goes on by itself.
      if (response.socket) response.writeContinue();
      serve(request, response);
    });
    server.on("checkExpectation", serve);
    server.on("upgrade", (request: IncomingMessage, socket, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      this.#whenFree(socket as Socket, () => {
        void this.#pipeline.serve(new Http1Carrier(request, answerTo(request, socket as Socket), { isUpgrade: true }));
      });
    });
    server.on("clientError", (error, socket) => {
      // A refusal written between the parts of another answer would be read as part of it.
      if (this.#pipeline.isAnswering(socket as Socket)) socket.destroy();
      else refuseMalformed(error, socket);
    });
    // An error of a connection concerns only its client; without listeners it would end the process.
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    this.#chooseProtocol(server);
    this.#beginTlsAtFirstByte(server);
    return server;
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

  #chooseProtocol(server: Server): void {
    const beginHttp1 = server.listeners("secureConnection") as ((socket: TLSSocket) => void)[];
    server.removeAllListeners("secureConnection");
    server.on("secureConnection", (socket: TLSSocket) => {
      socket.on("error", () => socket.destroy());
      if (socket.alpnProtocol === "h2") return void this.#http2.add(socket);
      for (const begin of beginHttp1) begin.call(server, socket);
    });
  }

  /** What TLS keeps for a connection (45 KiB) is made when its client begins to send: a silent client costs almost nothing. */
  #beginTlsAtFirstByte(server: Server): void {
    const beginTls = server.listeners("connection") as ((socket: Socket) => void)[];
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      this.#connections.add(socket);
      socket.setTimeout(this.#limits.handshakeMs, () => socket.destroy());
      socket.once("readable", () => {
        socket.setTimeout(0);
        for (const begin of beginTls) begin.call(server, socket);
      });
    });
  }

  #renewLater(): void {
    this.#renewal = this.#options.clock.after(HOUR, () => void this.#renew());
  }

  /** Never rejects: it logs a failure and tries again. */
  async #renew(): Promise<void> {
    try {
      const certificates = await this.#options.certificates();
      if (shownBy(certificates) !== this.#shown) this.#server?.setSecureContext(secureContext(certificates));
      this.#shown = shownBy(certificates);
    } catch (error) {
      this.#options.logger.error("certificates could not be renewed", { error: String(error) });
    }
    if (this.#server?.listening) this.#renewLater();
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

const shownBy = ({ ca, server }: Certificates): string => ca + server.cert;

const secureContext = ({ ca, server }: Certificates) =>
  ({
    ca,
    cert: server.cert,
    key: server.key,
    minVersion: "TLSv1.2",
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  }) as const;

/** The address that a client on this machine uses for this server. */
function reachable(host: string): string {
  if (host === "" || host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

const refusals: ReadonlyMap<string, readonly [number, string]> = new Map([
  ["HPE_HEADER_OVERFLOW", [431, "Request Header Fields Too Large"]],
  ["ERR_HTTP_REQUEST_TIMEOUT", [408, "Request Timeout"]],
] as const);

/** Bytes that are no HTTP get a Status too, then the connection ends: what follows on it cannot be trusted. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const [code, phrase] = refusals.get(error.code ?? "") ?? [400, "Bad Request"];
  const status = new StatusError("BadRequest", `malformed HTTP request: ${phrase}`, { code }).toStatus();
  const body = `${JSON.stringify(status)}\n`;
  socket.end(
    `HTTP/1.1 ${code} ${phrase}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
