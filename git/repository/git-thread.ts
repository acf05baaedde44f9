import type { Worker } from "node:worker_threads";
import type { GitRef } from "../../api/git/git-ref.ts";
import type { Revision } from "../../api/git/revision.ts";
import type { Clock, Timer } from "../../lib/clock.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import { startWorker } from "../../lib/worker.ts";
import { GitError } from "../git-error.ts";
import type { GitRemote } from "../transport/transport.ts";
import type { Answer, GiveUp, Question } from "./git-worker.ts";
import type { Change, Tip } from "./push/change.ts";
import type { GitTree, Wanted } from "./repository.ts";
import type { ThreadPlace, ThreadPlaces } from "./thread-places.ts";

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

/** An idle thread costs some MiB, and a new one a tenth of a second. */
const IDLE_MS = 10_000;
/** The thread ends what takes too long itself; one that does not is busy with a pack, and is ended. */
const GRACE_MS = 2_000;
const GIVEN_UP = "reading the repository was given up";
const resourceLimits = { maxOldGenerationSizeMb: 512 };

/** Reads one repository in a thread of its own, so that nothing in it delays the daemon: one question at a time, each within its time. */
export class GitThread implements GitReading, GitPushing {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #takePlace: (signal: AbortSignal) => Promise<ThreadPlace>;
  readonly #oneAtATime = new Semaphore(1);
  #worker: Worker | undefined;
  #place: ThreadPlace | undefined;
  #idle: Timer | undefined;
  /** Ends the question that is being answered. */
  #giveUp: (() => void) | undefined;
  #isClosed = false;

  /** `folder`: of the local copy; `owner`: for whom the threads are counted together. */
  constructor(folder: string, clock: Clock, places: ThreadPlaces, owner: string) {
    this.#folder = folder;
    this.#clock = clock;
    this.#takePlace = (signal) => places.take(owner, signal);
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
    this.#isClosed = true;
    this.#idle?.cancel();
    if (this.#giveUp) this.#giveUp();
    else this.#end();
  }

  #ask(question: Question, signal: AbortSignal): Promise<Answer> {
    return this.#oneAtATime.run(() => this.#answerTo(question, signal));
  }

  async #answerTo(question: Question, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    this.#idle?.cancel();
    this.#worker ??= await this.#startInTurn(signal);
    const worker = this.#worker;
    this.#place?.works();
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const give = (up: string): void => {
      this.#end();
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
      this.#end();
      const isMemory = code === "ERR_WORKER_OUT_OF_MEMORY";
      if (isMemory) reject(new GitError("LimitExceeded", "the repository needs too much memory: choose a smaller one"));
      else reject(new GitError("FetchFailed", `reading the repository failed: ${message}`));
    };
    const ended = (): void => give("the thread that reads the repository ended");
    this.#giveUp = giveUp;
    signal.addEventListener("abort", giveUp, { once: true });
    worker.once("message", resolve).once("error", failed).once("exit", ended);
    worker.ref();
    worker.postMessage(question);
    const told = promise.then((answer) => {
      if (grace) throw new GitError("FetchFailed", GIVEN_UP);
      return answer;
    });
    return told.finally(() => {
      limit.cancel();
      grace?.cancel();
      this.#giveUp = undefined;
      signal.removeEventListener("abort", giveUp);
      // Each by itself: after removeAllListeners a Worker gives no message to whoever listens later.
      worker.off("message", resolve).off("error", failed).off("exit", ended);
      worker.unref();
      if (this.#isClosed) this.#end();
      else if (this.#worker === worker) this.#rest();
    });
  }

  #rest(): void {
    this.#idle = this.#clock.after(IDLE_MS, () => this.#end());
    this.#place?.rests(() => this.#end());
  }

  #forget(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
  }

  async #startInTurn(signal: AbortSignal): Promise<Worker> {
    const place = await this.#takePlace(signal);
    if (!signal.aborted) return this.#start(place);
    place.free();
    throw signal.reason;
  }

  #start(place: ThreadPlace): Worker {
    this.#place = place;
    const lost = (): void => {}; // Who waits for an answer is told of it too.
    const workerData = { folder: this.#folder };
    const options = { name: "git", resourceLimits, workerData, lost };
    const worker = startWorker(new URL("./git-worker.ts", import.meta.url), options);
    return worker.on("exit", () => {
      this.#forget(worker);
      place.free();
    });
  }

  #end(): void {
    this.#idle?.cancel();
    void this.#worker?.terminate();
    this.#worker = undefined;
  }
}

const refusal = (answer: Answer): GitError =>
  "refused" in answer
    ? new GitError(answer.refused.reason, answer.refused.message)
    : new GitError("FetchFailed", "the thread answered another question");
