import type { IncomingMessage } from "node:http";
import { GitError } from "../git-error.ts";
import { explained, refusal } from "./https-faults.ts";
import { httpsRequest } from "./https-request.ts";
import { joined } from "./joined.ts";
import { Received } from "./received.ts";
import { isSameServer, redirected } from "./same-origin.ts";
import type { GitRemote, Transport, TransportAnswer, TransportLimits, TransportRequest } from "./transport.ts";

/** As many as git follows. */
const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** How a conversation begins, to read or to push. */
const REFS = /\/info\/refs\?service=git-(?:upload|receive)-pack$/;

/** A repository over HTTPS. Whatever the library is talked into, and wherever a server redirects, only the server of the remote is asked. */
export class HttpsTransport implements Transport {
  readonly url: string;
  readonly #remote: GitRemote;
  readonly #signal: AbortSignal;
  readonly #bytes: number;
  readonly #closed = new AbortController();
  /** Where the repository is, by what a redirect of the first request said. */
  #moved: { from: string; to: string } | undefined;

  constructor(remote: GitRemote, { bytes, signal }: TransportLimits) {
    this.url = remote.url.text.replace(/\/+$/, "");
    this.#remote = remote;
    this.#signal = AbortSignal.any([signal, this.#closed.signal]);
    this.#bytes = bytes;
  }

  async request({ url, method = "GET", headers = {}, body }: TransportRequest): Promise<TransportAnswer> {
    const sent = body && (await joined(body));
    const moved = this.#moved;
    let at = new URL(moved && url.startsWith(moved.from) ? moved.to + url.slice(moved.from.length) : url);
    if (!isSameServer(new URL(this.url), at)) throw new GitError("FetchFailed", "another server was to be asked");
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#ask(at, method, headers, sent);
      const { statusCode = 0, headers: received } = answer;
      if (!REDIRECTS.has(statusCode) || received.location === undefined) return this.#shown(url, method, answer);
      answer.destroy();
      if (redirects === MOST_REDIRECTS) throw new GitError("FetchFailed", "the server redirects again and again");
      at = redirected(at, received.location);
      this.#remember(url, at.href);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
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
    const signal = this.#signal;
    const { url: ours, credentials: via } = this.#remote;
    try {
      return await httpsRequest(url, { method, headers: { ...headers, ...this.#authorization() }, body, signal, via });
    } catch (error) {
      throw explained(ours.host, error, signal);
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
    const refused = refusal(this.#remote.url.host, statusCode, /git-receive-pack$/.test(url));
    if (refused) {
      answer.destroy();
      throw refused;
    }
    const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
    return { url, method, headers, statusCode, statusMessage, body: this.#bounded(answer) };
  }

  async *#bounded(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
    const received = new Received(this.#bytes);
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        received.add(chunk);
        yield chunk;
      }
    } catch (error) {
      throw explained(this.#remote.url.host, error, this.#signal);
    }
  }
}
