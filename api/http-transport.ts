import type { Agent, IncomingMessage, RequestOptions } from "node:http";
import { connectionError } from "./connection-error.ts";

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
}

export interface HttpRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  signal?: AbortSignal;
  /** For the answer's headers to come. Absent or 0: no limit. */
  timeoutMs?: number;
}

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

  #attempt(
    { method, path, headers, body, signal, timeoutMs }: HttpRequest,
    { request, agent }: Opened,
  ): Promise<IncomingMessage> {
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
        ...(this.#endpoint.token && protocol === "https:" ? { authorization: `Bearer ${this.#endpoint.token}` } : {}),
      },
      ...(signal ? { signal } : {}),
    };
    return new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        sent.setTimeout(0);
        resolve(response);
      });
      sent.on("error", (error) => reject(sent.reusedSocket ? new StaleConnection(error) : error));
      if (timeoutMs) sent.setTimeout(timeoutMs, () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000}s`)));
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
