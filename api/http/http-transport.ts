import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connectionError } from "./connection-error.ts";
import { type Impersonation, impersonationHeaders } from "./impersonation.ts";

/** A server and who we are there: what a kubeconfig resolves to. Certificates and keys are PEM. */
export interface Endpoint {
  /** `https://127.0.0.1:7443`, perhaps with a path before the API's own. */
  server: string;
  ca?: string | Uint8Array;
  cert?: string | Uint8Array;
  key?: string | Uint8Array;
  token?: string;
  /** Expected in the certificate instead of the host's name. */
  tlsServerName?: string;
  insecureSkipTlsVerify?: boolean;
  /** Absent: as ourselves. */
  impersonate?: Impersonation;
}

export interface HttpRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  signal?: AbortSignal;
  /** From now, connecting included, until the answer is there: to its end, or to its headers when `streams`. Absent or 0: no limit. */
  timeoutMs?: number;
  /** The answer goes on for a long time: the system checks at intervals whether the other end is still there. */
  streams?: boolean;
  /** The longest time without a byte of the answer; then it rejects with ConnectionError. Absent or 0: no limit. */
  silenceMs?: number;
}

/** A stream may rest for hours. After so much of it the system asks whether the other end still is there. */
const KEEP_ALIVE_MS = 30_000;
/** Of 1xx answers before the one that counts. Each is short, so without a limit of time only their number ends them. */
const MOST_INTERIM = 100;

interface Opened {
  request: typeof import("node:https").request;
  agent: Agent;
}

/**
 * Sends requests over kept-alive connections; an idle one does not keep the process alive. Rejects with ConnectionError, or with the
 * signal's reason. Redirects are not followed: a credential goes to the named server only. `node:https` is loaded on first use.
 */
export class HttpTransport {
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

  /** The response as soon as its headers are there; the caller reads the body, or destroys it. */
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

  /** The connection itself, once the server has agreed to leave HTTP for this protocol. */
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
            reject(new Error(`it goes on in another protocol than ${protocol}`));
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

  /** Closes idle connections and breaks busy ones. */
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
      if (++interim > MOST_INTERIM) sent.destroy(new Error("it sends interim answers without end"));
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
        reject(new Error("it answers with another protocol than HTTP"));
      });
      sent.end(body);
    });
  }
}

const late = (ms = 0): Error => new Error(`no answer within ${ms / 1000}s`);
const quiet = (ms: number): Error => new Error(`nothing was heard for ${ms / 1000}s`);

class StaleConnection extends Error {
  constructor(cause: unknown) {
    super("the kept connection was closed", { cause });
  }
}

const unwrap = (error: unknown): unknown => (error instanceof StaleConnection ? error.cause : error);
const pem = (text: string | Uint8Array): string | Buffer => (typeof text === "string" ? text : Buffer.from(text));
