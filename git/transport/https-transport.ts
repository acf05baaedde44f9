import type { IncomingMessage } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import { GitError } from "../git-error.ts";
import { tunnel } from "./proxy-tunnel.ts";
import { tlsOptions } from "./tls-options.ts";
import type { GitRemote, Transport, TransportAnswer, TransportLimits, TransportRequest } from "./transport.ts";

/** As many as git follows. */
const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** How a conversation begins, to read or to push. */
const REFS = /\/info\/refs\?service=git-(?:upload|receive)-pack$/;
const HEADER_BYTES = 64 * 1024;

/** A repository over HTTPS. A redirect is followed on the same host only: credentials never leave it, and nobody is sent to a neighbour of the daemon. */
export class HttpsTransport implements Transport {
  readonly url: string;
  readonly #remote: GitRemote;
  readonly #limits: TransportLimits;
  /** Where the repository is, by what a redirect of the first request said. */
  #moved: { from: string; to: string } | undefined;

  constructor(remote: GitRemote, limits: TransportLimits) {
    this.url = remote.url.text;
    this.#remote = remote;
    this.#limits = limits;
  }

  async request({ url, method = "GET", headers = {}, body }: TransportRequest): Promise<TransportAnswer> {
    const sent = body && (await joined(body));
    const moved = this.#moved;
    let at = new URL(moved && url.startsWith(moved.from) ? moved.to + url.slice(moved.from.length) : url);
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#ask(at, method, headers, sent);
      const { statusCode = 0, headers: received } = answer;
      if (!REDIRECTS.has(statusCode) || received.location === undefined) return this.#shown(url, method, answer);
      answer.resume();
      if (redirects === MOST_REDIRECTS) throw new GitError("FetchFailed", "the server redirects again and again");
      at = this.#followed(at, received.location);
      this.#remember(url, at.href);
    }
  }

  async close(): Promise<void> {}

  #followed(from: URL, location: string): URL {
    const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
    if (to?.origin === from.origin && to.username === "" && to.password === "") return to;
    const where = to ? `${to.protocol}//${to.host}` : "a place that is no URL";
    throw new GitError(
      "FetchFailed",
      `the server redirects to ${where}, another host, which is not followed: if that is right, put its URL into spec.url`,
    );
  }

  /** The next request of the same conversation goes there at once: what is POSTed is not redirected. */
  #remember(from: string, to: string): void {
    const [ending] = REFS.exec(from) ?? [];
    if (ending === undefined || !to.endsWith(ending)) return;
    this.#moved = { from: from.slice(0, -ending.length), to: to.slice(0, -ending.length) };
  }

  async #ask(
    url: URL,
    method: string,
    headers: Record<string, string>,
    body: Uint8Array | undefined,
  ): Promise<IncomingMessage> {
    const { credentials } = this.#remote;
    const { signal } = this.#limits;
    const options: RequestOptions = {
      method,
      signal,
      maxHeaderSize: HEADER_BYTES,
      headers: {
        ...headers,
        ...this.#authorization(),
        "User-Agent": "wctl",
        ...(body && { "Content-Length": body.length }),
      },
      ...tlsOptions(credentials),
      agent: false,
    };
    try {
      const socket = credentials.proxy === undefined ? undefined : await tunnel(credentials.proxy, url, signal);
      return await new Promise<IncomingMessage>((resolve, reject) => {
        const asked = requestHttps(
          url,
          socket ? ({ ...options, createConnection: undefined, socket } as RequestOptions) : options,
          resolve,
        );
        asked.on("error", reject);
        asked.end(body);
      });
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #authorization(): Record<string, string> {
    const { username, password, bearerToken } = this.#remote.credentials;
    if (bearerToken !== undefined) return { Authorization: `Bearer ${bearerToken}` };
    if (password === undefined) return {};
    return { Authorization: `Basic ${Buffer.from(`${username ?? "git"}:${password}`).toString("base64")}` };
  }

  #shown(url: string, method: string, answer: IncomingMessage): TransportAnswer {
    const { statusCode = 0, statusMessage = "" } = answer;
    const refusal = this.#refusal(statusCode, /git-receive-pack$/.test(url));
    if (refusal) {
      answer.destroy();
      throw refusal;
    }
    const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
    return { url, method, headers, statusCode, statusMessage, body: this.#bounded(answer) };
  }

  #refusal(code: number, isPush: boolean): GitError | undefined {
    const { host } = this.#remote.url;
    if (code === 200) return undefined;
    if (code === 401 || code === 403) {
      return new GitError(
        "AuthenticationFailed",
        `${host} answers ${code}: look at the credentials of spec.secretRef, and at what they may ${isPush ? "push" : "read"}`,
      );
    }
    if (code === 404) {
      return new GitError(
        "FetchFailed",
        `${host} answers 404: there is no such repository, or the credentials of spec.secretRef may not see it`,
      );
    }
    return new GitError("FetchFailed", `${host} answers ${code}`);
  }

  async *#bounded(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
    let received = 0;
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        received += chunk.length;
        if (received > this.#limits.bytes) {
          throw new GitError(
            "LimitExceeded",
            `the server sends more than ${this.#limits.bytes} bytes: make the repository smaller, or raise spec.limits of the GitSource`,
          );
        }
        yield chunk;
      }
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #explained(error: unknown): GitError {
    if (error instanceof GitError) return error;
    const { host } = this.#remote.url;
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (this.#limits.signal.aborted) return new GitError("FetchFailed", `${host} did not answer in time`);
    if (
      /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL|EPROTO|ERR_OSSL)/.test(code) ||
      /certificate/i.test(message)
    ) {
      return new GitError(
        "CertificateInvalid",
        `the certificate of ${host} is not trusted (${message}): put its authority as ca.crt into the Secret of spec.secretRef`,
      );
    }
    return new GitError("FetchFailed", `${host} cannot be reached: ${message}`);
  }
}

async function joined(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
