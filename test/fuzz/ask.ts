import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { gunzipSync } from "node:zlib";
import type { Endpoint } from "../../api/http/transport.ts";
import { Http2Client } from "../apiserver/http2-client.ts";

export interface Ask {
  method: string;
  /** Goes out as it is. */
  path: string;
  headers: Readonly<Record<string, string | string[]>>;
  body: Buffer | undefined;
}

export interface Answer {
  code: number;
  headers: IncomingHttpHeaders;
  /** Without its Content-Encoding. */
  bytes: Buffer;
}

/** The headers are there, more comes. */
export type Opened = IncomingMessage;

/** Node's client does not send such a request. */
export class Unsendable extends Error {}

/** One who asks, over one version of HTTP. */
export class Asker {
  readonly protocol: "HTTP/1.1" | "HTTP/2";
  readonly #endpoint: Endpoint;
  readonly #agent: Agent | undefined;
  readonly #http2: Http2Client | undefined;

  constructor(endpoint: Endpoint, protocol: Asker["protocol"]) {
    const { server, ca, cert, key } = endpoint;
    const options = { ca: ca as string, cert: cert as string, key: key as string };
    this.#endpoint = endpoint;
    this.protocol = protocol;
    if (protocol === "HTTP/2") this.#http2 = new Http2Client(() => server, options);
    else this.#agent = new Agent({ ...options, keepAlive: true });
  }

  async ask(ask: Ask): Promise<Answer> {
    const response = await this.open(ask);
    const { statusCode = 0, headers } = response;
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const isPacked = headers["content-encoding"] === "gzip" && ask.method !== "HEAD";
    return { code: statusCode, headers, bytes: isPacked ? gunzipSync(bytes) : bytes };
  }

  /** Rejects with Unsendable, or with what cut the request off. */
  open({ method, path, headers, body }: Ask): Promise<Opened> {
    const { token } = this.#endpoint;
    const sent: Ask["headers"] = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers };
    if (this.#http2) {
      const { upgrade: _, connection: _also, ...others } = sent;
      return this.#http2.open(method, path, others, body).catch(unlessUnsendable);
    }
    return new Promise((resolve, reject) => {
      const sized = body && !sent["transfer-encoding"] ? { "content-length": String(body.length) } : {};
      const request = attempt(() =>
        httpsRequest(this.#endpoint.server, {
          method,
          path,
          agent: this.#agent,
          servername: "localhost",
          headers: { ...sent, ...sized },
        }),
      );
      request.once("response", resolve);
      request.once("upgrade", (response, socket) => {
        socket.destroy();
        response.push(null);
        resolve(response);
      });
      request.once("error", reject);
      request.end(body);
    });
  }

  close(): void {
    this.#agent?.destroy();
    this.#http2?.close();
  }
}

function attempt<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    return unlessUnsendable(error);
  }
}

function unlessUnsendable(error: unknown): never {
  const { code = "" } = error as { code?: string };
  if (/^ERR_(INVALID|UNESCAPED|HTTP_INVALID|HTTP2_INVALID|HTTP2_CONNECT|HTTP2_STATUS|HTTP2_HEADER)/.test(code))
    throw new Unsendable(code, { cause: error });
  throw error;
}
