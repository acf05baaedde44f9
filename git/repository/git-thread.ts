import type { Worker } from "node:worker_threads";
import type { GitRef } from "../../api/git/git-ref.ts";
import type { Revision } from "../../api/git/revision.ts";
import type { Clock, Timer } from "../../lib/clock.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import { startWorker } from "../../lib/worker.ts";
import { GitError } from "../git-error.ts";
import type { GitRemote } from "../transport/transport.ts";
import type { Answer, Asked, GiveUp, Question } from "./git-worker.ts";
import type { Change, Tip } from "./push/change.ts";
import type { GitTree, Wanted } from "./repository.ts";
import { ThreadPool } from "./thread-pool.ts";

/** What a controller asks of one repository. */
export interface GitReading {
  /** What the ref is at the remote now; undefined: its HEAD. Rejects with GitError. */
  resolve(remote: GitRemote, ref: GitRef | undefined, timeoutMs: number, signal: AbortSignal): Promise<Revision>;
  /** The manifests of a commit; without a remote only if they were fetched before. Rejects with GitError. */
  files(remote: GitRemote | undefined, wanted: Wanted, timeoutMs: number, signal: AbortSignal): Promise<GitTree>;
  close(): void;
}

/** What somebody asks who adds files to a repository. */
export interface GitPushing extends Pick<GitReading, "files" | "close"> {
  /** Where a branch is, also in an empty repository; undefined: the main one. Rejects with GitError. */
  tip(remote: GitRemote, branch: string | undefined, timeoutMs: number, signal: AbortSignal): Promise<Tip>;
  /** Adds a commit to a branch, whose parent was read by `files` before, and returns it. Nothing is forced. Rejects with GitError. */
  push(remote: GitRemote, change: Change, timeoutMs: number, signal: AbortSignal): Promise<string>;
}

/** The thread ends what takes too long itself; one that does not is busy with a pack, and is ended. */
const GRACE_MS = 2_000;
const GIVEN_UP = "reading the repository was given up";
const resourceLimits = { maxOldGenerationSizeMb: 512 };

/** Threads for any number of repositories: `most` in all, and `mostOfOne` for one owner. */
export const gitThreads = (clock: Clock, most: number, mostOfOne: number): ThreadPool =>
  new ThreadPool({ start: startThread, clock, most, mostOfOne });

/** Reads one repository in threads of a pool, so that nothing in it delays the daemon: one question at a time, each within its time. */
export class GitThread implements GitReading, GitPushing {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #threads: ThreadPool;
  readonly #owner: string;
  readonly #oneAtATime = new Semaphore(1);
  /** Ends the question that is being answered. */
  #giveUp = (): void => {};

  /** `folder`: of the local copy; `owner`: for whom the threads are counted together. */
  constructor(folder: string, clock: Clock, threads: ThreadPool, owner: string) {
    this.#folder = folder;
    this.#clock = clock;
    this.#threads = threads;
    this.#owner = owner;
  }

  async resolve(remote: GitRemote, ref: GitRef | undefined, timeoutMs: number, signal: AbortSignal): Promise<Revision> {
    const answer = await this.#ask({ ask: "resolve", remote, ref, timeoutMs }, signal);
    if (!("revision" in answer)) throw refusal(answer);
    return answer.revision;
  }

  async files(remote: GitRemote | undefined, wanted: Wanted, timeoutMs: number, signal: AbortSignal): Promise<GitTree> {
    const answer = await this.#ask({ ask: "files", remote, wanted, timeoutMs }, signal);
    if (!("tree" in answer)) throw refusal(answer);
    return answer.tree;
  }

  async tip(remote: GitRemote, branch: string | undefined, timeoutMs: number, signal: AbortSignal): Promise<Tip> {
    const answer = await this.#ask({ ask: "tip", remote, branch, timeoutMs }, signal);
    if (!("tip" in answer)) throw refusal(answer);
    return answer.tip;
  }

  async push(remote: GitRemote, change: Change, timeoutMs: number, signal: AbortSignal): Promise<string> {
    const answer = await this.#ask({ ask: "push", remote, change, timeoutMs }, signal);
    if (!("pushed" in answer)) throw refusal(answer);
    return answer.pushed;
  }

  close(): void {
    this.#giveUp();
  }

  #ask(question: Question, signal: AbortSignal): Promise<Answer> {
    return this.#oneAtATime.run(() => this.#answerTo(question, signal));
  }

  async #answerTo(question: Question, signal: AbortSignal): Promise<Answer> {
    const thread = await this.#threads.take(this.#owner, signal);
    const { worker } = thread;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const give = (up: string): void => {
      thread.end();
      reject(new GitError("FetchFailed", up));
    };
    const limit = this.#clock.after(question.timeoutMs + GRACE_MS, () => give("reading the repository takes too long"));
    let grace: Timer | undefined;
    // Asked first: the thread ends what it has started, which would outlive it. One that is busy does not hear it.
    const giveUp = (): void => {
      worker.postMessage({ ask: "giveUp" } satisfies GiveUp);
      grace ??= this.#clock.after(GRACE_MS, () => give(GIVEN_UP));
    };
    const failed = ({ code, message }: NodeJS.ErrnoException): void => {
      thread.end();
      const isMemory = code === "ERR_WORKER_OUT_OF_MEMORY";
      if (isMemory) reject(new GitError("LimitExceeded", "the repository needs too much memory: choose a smaller one"));
      else reject(new GitError("FetchFailed", `reading the repository failed: ${message}`));
    };
    const ended = (): void => give("the thread that reads the repository ended");
    this.#giveUp = giveUp;
    signal.addEventListener("abort", giveUp, { once: true });
    worker.once("message", resolve).once("error", failed).once("exit", ended);
    worker.ref();
    worker.postMessage({ ...question, folder: this.#folder } satisfies Asked);
    const told = promise.then((answer) => {
      if (grace) throw new GitError("FetchFailed", GIVEN_UP);
      return answer;
    });
    return told.finally(() => {
      limit.cancel();
      grace?.cancel();
      this.#giveUp = () => {};
      signal.removeEventListener("abort", giveUp);
      // Each by itself: after removeAllListeners a Worker gives no message to whoever listens later.
      worker.off("message", resolve).off("error", failed).off("exit", ended);
      worker.unref();
      thread.giveBack();
    });
  }
}

function startThread(): Worker {
  const lost = (): void => {}; // Who waits for an answer is told of it too.
  return startWorker(new URL("./git-worker.ts", import.meta.url), { name: "git", resourceLimits, lost });
}

const refusal = (answer: Answer): GitError =>
  "refused" in answer
    ? new GitError(answer.refused.reason, answer.refused.message)
    : new GitError("FetchFailed", "the thread answered another question");
