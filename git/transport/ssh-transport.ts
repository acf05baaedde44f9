import { oneLine } from "../../lib/one-line.ts";
import { GitError } from "../git-error.ts";
import { FLUSH, pktLine, readSection } from "./pkt-lines.ts";
import type { GitService } from "./ssh-command.ts";
import { notOffered, sshFailure } from "./ssh-failure.ts";
import { removeSshFiles, writeSshFiles } from "./ssh-files.ts";
import { SshSession } from "./ssh-session.ts";
import type { GitRemote, Transport, TransportAnswer, TransportLimits, TransportRequest } from "./transport.ts";

const WANT = /^want ([0-9a-f]{40})/;
const LONGEST_ERROR = 300;

/**
 * A repository over the system's `ssh`, shown as smart HTTP: what the server says first is the answer to the first request, and the rest of the same
 * session that to the second one. It speaks protocol 1, which needs no setting of the server.
 */
export class SshTransport implements Transport {
  readonly url: string;
  readonly #remote: GitRemote;
  readonly #limits: TransportLimits;
  readonly #folder: string;
  #session: SshSession | undefined;
  /** Commits of annotated tags. */
  readonly #tagOf = new Map<string, string>();

  /** `folder`: for the key while a session lasts. */
  constructor(remote: GitRemote, limits: TransportLimits, folder: string) {
    this.#remote = remote;
    this.#limits = limits;
    this.#folder = folder;
    // Nobody asks there.
    this.url = `https://${remote.url.host.includes(":") ? `[${remote.url.host}]` : remote.url.host}/over/ssh`;
  }

  async request({ url, method = "GET", body = [] }: TransportRequest): Promise<TransportAnswer> {
    const service = /git-receive-pack$/.test(url) ? "git-receive-pack" : "git-upload-pack";
    const answer = method === "GET" ? await this.#begin(service) : await this.#ask(body);
    const type = method === "GET" ? "advertisement" : "result";
    return {
      url,
      method,
      headers: { "content-type": `application/x-${service}-${type}` },
      statusCode: 200,
      statusMessage: "OK",
      body: answer,
    };
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
    await removeSshFiles(this.#folder);
  }

  async #begin(service: GitService): Promise<AsyncGenerator<Uint8Array>> {
    await this.close();
    const { credentials, url } = this.#remote;
    if (credentials.proxy !== undefined) {
      throw new GitError(
        "FetchFailed",
        "proxy of spec.secretRef is for https: a repository over ssh is asked directly",
      );
    }
    await writeSshFiles(this.#folder, credentials);
    this.#session = new SshSession(url, service, this.#folder, this.#limits);
    return this.#advertisement(this.#session, service);
  }

  async *#advertisement(session: SshSession, service: GitService): AsyncGenerator<Uint8Array> {
    yield Buffer.from(pktLine(`# service=${service}\n`) + FLUSH);
    this.#tagOf.clear();
    let last = "";
    for (let held: Buffer = Buffer.alloc(0); ; ) {
      const chunk = await session.read();
      if (!chunk)
        throw new GitError("FetchFailed", `${this.#remote.url.host} ends the session before it says anything`);
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const section = readSection(held);
      if (!section) throw this.#stranger(held);
      for (const line of section.lines) last = this.#noted(line.toString("latin1").trimEnd(), last);
      yield section.raw;
      held = section.rest;
      if (section.isEnd) return session.unread(held);
    }
  }

  /** Notes which tag leads to which commit; such a line follows that of its tag. Returns what is named here. */
  #noted(line: string, last: string): string {
    if (line.startsWith("ERR ")) throw this.#refused(line);
    const [oid = "", name = ""] = line.split("\0", 1)[0]!.split(" ");
    if (name.endsWith("^{}")) this.#tagOf.set(oid, last);
    return oid;
  }

  async #ask(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<AsyncGenerator<Uint8Array>> {
    const session = this.#session;
    if (!session) throw new GitError("FetchFailed", "the session has ended");
    session.restartCount();
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    session.write(this.#offered(Buffer.concat(chunks)));
    return this.#result(session);
  }

  /** A server gives only what it offers: a tag, but not the commit that it leads to, which comes with it. */
  #offered(request: Buffer): Buffer {
    const [, wanted = ""] = WANT.exec(request.toString("latin1", 4, 64)) ?? [];
    const tag = this.#tagOf.get(wanted);
    if (tag?.length === wanted.length) request.write(tag, 4 + "want ".length, "latin1");
    return request;
  }

  async *#result(session: SshSession): AsyncGenerator<Uint8Array> {
    for (let isFirst = true; ; isFirst = false) {
      const chunk = await session.read();
      if (!chunk) return;
      const refusal = isFirst ? readSection(chunk)?.lines[0]?.toString("latin1") : undefined;
      if (refusal?.startsWith("ERR ")) throw this.#refused(refusal);
      yield chunk;
    }
  }

  #refused(line: string): GitError {
    const said = line.slice("ERR ".length);
    return /not our ref/i.test(said) ? notOffered(this.#remote.url.host) : sshFailure(this.#remote.url, 1, said);
  }

  #stranger(bytes: Buffer): GitError {
    const said = oneLine(bytes.toString("latin1", 0, LONGEST_ERROR), LONGEST_ERROR);
    return new GitError("FetchFailed", `${this.#remote.url.host} does not answer as a git server does, but: ${said}`);
  }
}
