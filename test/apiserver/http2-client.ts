import type { IncomingMessage } from "node:http";
import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from "node:http2";
import type { ConnectionOptions } from "node:tls";

/** MB; as good as none. Node's accounts of a session only grow where streams are given up, and with its limit of 10 this client would refuse the answers of a long run. */
const MOST_SESSION_MEMORY = 1_000_000;

/** Asks over HTTP/2, everything on one connection; its answers are read as those of `node:http`. */
export class Http2Client {
  readonly #authority: () => string;
  readonly #options: ConnectionOptions;
  #session: ClientHttp2Session | undefined;

  constructor(authority: () => string, options: ConnectionOptions) {
    this.#authority = authority;
    this.#options = options;
  }

  /** A new one when the server has closed the last one. */
  get session(): ClientHttp2Session {
    if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
    this.#session = connect(this.#authority(), {
      ...this.#options,
      ALPNProtocols: ["h2"],
      maxSessionMemory: MOST_SESSION_MEMORY,
    });
    this.#session.on("error", () => {});
    return this.#session;
  }

  /** Resolves when the headers are there. */
  open(
    method: string,
    path: string,
    given: Record<string, string | string[]>,
    body: string | Uint8Array | undefined,
  ): Promise<IncomingMessage> {
    const { host, "transfer-encoding": _, ...headers } = given;
    const asked = {
      ":method": method,
      ":path": path,
      ...(host === undefined ? {} : { ":authority": String(host) }),
      ...headers,
    };
    // Else Node takes it for granted that some methods have none.
    const stream = this.session.request(asked, { endStream: body === undefined });
    return new Promise((resolve, reject) => {
      stream.once("response", (received: IncomingHttpHeaders) => {
        stream.off("error", reject);
        stream.off("close", closed);
        resolve(
          Object.assign(stream, { statusCode: received[":status"], headers: received }) as unknown as IncomingMessage,
        );
      });
      const closed = (): void => reject(new Error(`the stream was closed with ${stream.rstCode}`));
      stream.once("error", reject);
      stream.once("close", closed);
      if (body !== undefined) stream.end(body);
    });
  }

  close(): void {
    this.#session?.destroy(undefined, constants.NGHTTP2_CANCEL);
  }
}
