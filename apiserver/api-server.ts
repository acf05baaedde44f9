import { constants } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { DoorAddress } from "../api/http/door/door-address.ts";
import { settledWithin, type Timer } from "../lib/clock.ts";
import { DoorAuthenticator } from "./door/door-authenticator.ts";
import { checkDoorRequest } from "./door/door-check.ts";
import { DoorServer } from "./door/door-server.ts";
import type { LocalDoor } from "./door/local-door.ts";
import type { HttpRequest } from "./http/carrier.ts";
import { Connections } from "./http/connections.ts";
import { checkHost } from "./http/host-check.ts";
import { Http1Requests, http1Options } from "./http/http1-requests.ts";
import { Http2Connections } from "./http/http2-connections.ts";
import { defaultLimits, type Limits } from "./http/request-limits.ts";
import { type Certificates, serverNames } from "./pki/certificates.ts";
import { type PipelineOptions, RequestPipeline } from "./request-pipeline.ts";

export interface ApiServerOptions extends Omit<PipelineOptions, "checkOrigin"> {
  /** Where programs of this machine come in without TLS. Absent: nowhere. */
  door?: LocalDoor;
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
  readonly #requests: Http1Requests;
  readonly #door: DoorServer | undefined;
  #server: Server | undefined;
  #renewal: Timer | undefined;
  #shown = "";

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#connections = new Connections(this.#limits);
    const authenticator = new DoorAuthenticator(options.authenticator);
    const checkOrigin = (request: HttpRequest): void =>
      authenticator.cameByTheDoor(request.socket) ? checkDoorRequest(request) : checkHost(request, this.#names);
    this.#pipeline = new RequestPipeline({ ...options, authenticator, checkOrigin }, this.#limits, this.#connections);
    this.#requests = new Http1Requests(this.#pipeline, this.#limits);
    this.#door = options.door && this.#doorServer(options.door, authenticator);
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

  /** Opens the local door too. Resolves with where it is; undefined when there is none, which HTTPS does without. */
  async openDoor(): Promise<DoorAddress | undefined> {
    return this.#door?.open();
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
    const closed = Promise.all([new Promise<void>((resolve) => server.close(() => resolve())), this.#door?.close()]);
    this.#pipeline.endStreams();
    this.#http2.close();
    if (!(await settledWithin(clock, DRAIN_MS, this.#pipeline.drained()))) logger.warn("requests were cut off");
    this.#connections.cut(); // What is left is idle, or has not sent its whole request.
    await settledWithin(clock, CUT_MS, closed);
  }

  #doorServer(door: LocalDoor, authenticator: DoorAuthenticator): DoorServer {
    const { logger } = this.#options;
    const [connections, requests, limits] = [this.#connections, this.#requests, this.#limits];
    return new DoorServer({ door, authenticator, connections, requests, limits, logger });
  }

  #makeServer(certificates: Certificates): Server {
    this.#shown = shownBy(certificates);
    const server = createServer({
      ...secureContext(certificates),
      requestCert: true,
      rejectUnauthorized: false, // The Authenticator judges; health needs no certificate.
      ALPNProtocols: ["h2", "http/1.1"],
      handshakeTimeout: this.#limits.handshakeMs,
      ...http1Options(this.#limits),
    });
    this.#requests.serveOn(server);
    // An error of a connection concerns only its client; without listeners it would end the process.
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    this.#chooseProtocol(server);
    this.#beginTlsAtFirstByte(server);
    return server;
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
