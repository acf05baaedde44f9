import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { GitUrl } from "../../api/git/git-url.ts";
import { GitError } from "../git-error.ts";
import { Received } from "./received.ts";
import { type GitService, sshArguments, sshEnvironment, sshPrograms } from "./ssh-command.ts";
import { sshFailure } from "./ssh-failure.ts";
import type { TransportLimits } from "./transport.ts";

/** What stderr is read for: ssh's own words come first. */
const STDERR_KEPT = 16 * 1024;
/** A server that writes more there means no good. */
const MOST_STDERR = 1024 * 1024;

/** One `ssh` that runs a service of git on the server. It ends when it is closed, when the time is over, and when it sends too much. */
export class SshSession {
  readonly #url: GitUrl;
  readonly #limits: TransportLimits;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #ended: Promise<number | null>;
  /** Read, and not asked for yet. */
  #ahead: Buffer | undefined;
  #received: Received;
  #stderr = "";
  #stderrBytes = 0;
  #broken: GitError | undefined;

  /** Throws GitError when there is no ssh. `folder`: where the files of `writeSshFiles` are. */
  constructor(url: GitUrl, service: GitService, folder: string, limits: TransportLimits) {
    this.#url = url;
    this.#limits = limits;
    this.#received = new Received(limits.bytes);
    const options = { cwd: folder, env: sshEnvironment(process.env), windowsHide: true };
    this.#child = spawn(program(), sshArguments(url, service), options);
    const { stdin, stdout, stderr } = this.#child;
    this.#chunks = stdout[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", resolve).once("error", (error) => {
        this.#broken ??= new GitError("FetchFailed", `ssh cannot be started: ${error.message}`);
        if (this.#child.pid === undefined) resolve(null);
      });
    });
    // What is written to a session that has ended is lost; why it ended is told where its answer is read.
    stdin.on("error", () => {});
    stderr.on("data", (chunk: Buffer) => this.#keep(chunk));
    stderr.on("error", () => {});
    limits.signal.addEventListener("abort", this.#giveUp);
    if (limits.signal.aborted) this.#giveUp();
  }

  write(bytes: Uint8Array): void {
    this.#child.stdin.write(bytes);
  }

  /** The next bytes; undefined when the command has ended well. Rejects with GitError. */
  async read(): Promise<Buffer | undefined> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.length) return ahead;
    const { value } = await this.#chunks.next().catch(() => ({ value: undefined }));
    const chunk = value as Buffer | undefined;
    if (!this.#broken && chunk) {
      try {
        this.#received.add(chunk);
        return chunk;
      } catch (error) {
        this.#break(error as GitError);
      }
    }
    if (this.#broken) throw this.#broken;
    const code = await this.#ended;
    if (this.#broken) throw this.#broken;
    if (code !== 0) throw sshFailure(this.#url, code, this.#stderr);
    return undefined;
  }

  /** Of what was read: is read again next. */
  unread(bytes: Buffer): void {
    this.#ahead = bytes;
  }

  /** Bytes are counted for each answer. */
  restartCount(): void {
    this.#received = new Received(this.#limits.bytes);
    if (this.#ahead) this.#received.add(this.#ahead);
  }

  /** The process is gone then. */
  async close(): Promise<void> {
    this.#limits.signal.removeEventListener("abort", this.#giveUp);
    this.#child.kill("SIGKILL");
    this.#child.stdout.destroy();
    await this.#ended;
  }

  readonly #giveUp = (): void =>
    this.#break(new GitError("FetchFailed", `${this.#url.host} did not answer in time, by ssh`));

  #break(why: GitError): void {
    this.#broken ??= why;
    this.#child.kill("SIGKILL");
    this.#child.stdout.destroy();
  }

  #keep(chunk: Buffer): void {
    this.#stderrBytes += chunk.length;
    if (this.#stderr.length < STDERR_KEPT) this.#stderr += chunk.toString("latin1", 0, STDERR_KEPT);
    if (this.#stderrBytes <= MOST_STDERR) return;
    this.#break(new GitError("LimitExceeded", `${this.#url.host} writes errors without end`));
  }
}

function program(): string {
  const places = sshPrograms(process.env);
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new GitError(
    "FetchFailed",
    `a repository over ssh needs an ssh client, and there is none at ${places[0]}: install "OpenSSH Client" (Windows: an optional feature; Debian: openssh-client), or use https`,
  );
}
