import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connectionError } from "./connection-error.ts";
import { impersonationHeaders } from "./impersonation.ts";
import {
  type Endpoint,
  endlessInterim,
  type HttpRequest,
  late,
  leftHttp,
  MOST_INTERIM,
  otherProtocol,
  quiet,
  type Transport,
} from "./transport.ts";

/** A stream may rest for hours. After so much of it the system asks whether the other end still is there. */
const KEEP_ALIVE_MS = 30_000;
interface Opened {
  request: typeof import("node:https").request;
  agent: Agent;
}

/** The Transport over TLS, in kept-alive connections; an idle one does not keep the process alive. `node:https` is loaded on first use. */
export class HttpTransport implements Transport {
  #endpoint: Endpoint;
  #server: URL;
  #opened: Opened | undefined;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.#server = new URL(endpoint.server);
  }

  get server(): URL {
    return this.#server;
  }

  async send(options: HttpRequest): Promise<IncomingMessage> {
    options.signal?.throwIfAborted();
    this.#opened ??= this.#open();
    const opened = this.#opened;
    try {
      return await this.#attempt(options, opened);
    } catch (error) {
      options.signal?.throwIfAborted();
      // A connection that the server closed while it was idle: reading again does no harm.
      if (!(error instanceof StaleConnection) || options.method !== "GET")
        throw connectionError(this.#server, unwrap(error));
    }
    return this.#attempt(options, opened).catch((error) => {
      options.signal?.throwIfAborted();
      throw connectionError(this.#server, unwrap(error));
    });
  }

  async upgrade(request: HttpRequest, protocol: string): Promise<{ socket: Duplex } | { refused: IncomingMessage }> {
    request.signal?.throwIfAborted();
    this.#opened ??= this.#open();
    const headers = { ...request.headers, connection: "Upgrade", upgrade: protocol };
    try {
      return await new Promise((resolve, reject) => {
        const sent = this.#send({ ...request, headers }, this.#opened!, (refused) => resolve({ refused }));
        const limit = request.timeoutMs
          ? setTimeout(() => sent.destroy(late(request.timeoutMs)), request.timeoutMs)
          : undefined;
        sent.once("response", () => clearTimeout(limit));
        sent.once("upgrade", ({ headers: { upgrade } }, socket, head) => {
          clearTimeout(limit);
          if (upgrade?.toLowerCase() !== protocol) {
            socket.destroy();
            reject(otherProtocol(protocol));
            return;
          }
          (socket as Socket).setKeepAlive(true, KEEP_ALIVE_MS);
          if (head.length > 0) socket.unshift(head);
          resolve({ socket });
        });
        sent.once("error", reject);
        sent.end();
      });
    } catch (error) {
      request.signal?.throwIfAborted();
      throw connectionError(this.#server, error);
    }
  }

  close(): void {
    this.#opened?.agent.destroy();
  }

  /** `getBuiltinModule` and not `import()`: the first use of the latter costs a short command 2 ms. */
  #open(): Opened {
    const { ca, cert, key, tlsServerName, insecureSkipTlsVerify } = this.#endpoint;
    if (this.#server.protocol === "http:") {
      const http = process.getBuiltinModule("node:http");
      return { request: http.request, agent: new http.Agent({ keepAlive: true }) };
    }
    const https = process.getBuiltinModule("node:https");
    const agent = new https.Agent({
      keepAlive: true,
      minVersion: "TLSv1.2",
      ...(ca === undefined ? {} : { ca: pem(ca) }),
      ...(cert === undefined ? {} : { cert: pem(cert) }),
      ...(key === undefined ? {} : { key: pem(key) }),
      ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
      ...(insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
    });
    return { request: https.request, agent };
  }

  #send(
    { method, path, headers, body, signal }: HttpRequest,
    { request, agent }: Opened,
    onResponse: (response: IncomingMessage) => void,
  ): ClientRequest {
    const { protocol, hostname, port, pathname } = this.#server;
    const options: RequestOptions = {
      method,
      protocol,
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port,
      path: pathname.replace(/\/$/, "") + path,
      agent,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
        // As kubectl: a token never goes over a line that is not encrypted.
        ...(this.#endpoint.impersonate ? impersonationHeaders(this.#endpoint.impersonate) : {}),
        ...(this.#endpoint.token && protocol === "https:" ? { authorization: `Bearer ${this.#endpoint.token}` } : {}),
      },
      ...(signal ? { signal } : {}),
    };
    const sent = request(options, onResponse);
    let interim = 0;
    sent.on("information", () => {
      if (++interim > MOST_INTERIM) sent.destroy(endlessInterim());
    });
    return sent;
  }

  #attempt(sending: HttpRequest, opened: Opened): Promise<IncomingMessage> {
    const { body, timeoutMs, streams, silenceMs } = sending;
    return new Promise((resolve, reject) => {
      const limit = timeoutMs ? setTimeout(() => giveUp(), timeoutMs) : undefined;
      const sent = this.#send(sending, opened, (response) => {
        if (streams) clearTimeout(limit);
        else response.once("close", () => clearTimeout(limit));
        if (streams) response.socket.setKeepAlive(true, KEEP_ALIVE_MS);
        if (silenceMs) response.setTimeout(silenceMs, () => response.destroy(quiet(silenceMs)));
        giveUp = () => response.destroy(late(timeoutMs));
        resolve(response);
      });
      let giveUp = (): unknown => sent.destroy(late(timeoutMs));
      sent.on("error", (error) => {
        clearTimeout(limit);
        reject(sent.reusedSocket ? new StaleConnection(error) : error);
      });
      // Without a listener Node gives such a connection up and tells nobody.
      sent.on("upgrade", (_response, socket) => {
        socket.destroy();
        clearTimeout(limit);
        reject(leftHttp());
      });
      sent.end(body);
    });
  }
}

class StaleConnection extends Error {
  constructor(cause: unknown) {
    super("the kept connection was closed", { cause });
  }
}

const unwrap = (error: unknown): unknown => (error instanceof StaleConnection ? error.cause : error);
const pem = (text: string | Uint8Array): string | Buffer => (typeof text === "string" ? text : Buffer.from(text));
