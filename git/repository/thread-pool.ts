import type { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../../lib/clock.ts";

/** A thread that answers one question at a time. */
export interface PooledThread {
  worker: Worker;
  /** It has answered: others may have it. */
  giveBack(): void;
  /** It is of no use any more. */
  end(): void;
}

export interface ThreadPoolOptions {
  start: () => Worker;
  clock: Clock;
  /** So many work at once. */
  most: number;
  /** So many of them for one owner. */
  mostOfOne: number;
}

interface Waiting {
  owner: string;
  grant: () => void;
}

/** An idle thread costs some MiB, and a new one a tenth of a second. */
const IDLE_MS = 10_000;

/**
 * The threads that read repositories. Who may make a source can make a thousand, so there are a few for all, and a part of them for one owner (a namespace): a slow
 * server holds up its own owner at most. The others wait in the order in which they came.
 */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  /** How many work for each owner. */
  readonly #busy = new Map<string, number>();
  readonly #idle = new Map<Worker, Timer>();
  #waiting: Waiting[] = [];

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /** Rejects when the signal aborts before there is one. */
  async take(owner: string, signal: AbortSignal): Promise<PooledThread> {
    signal.throwIfAborted();
    await this.#turn(owner, signal);
    if (!signal.aborted) return this.#thread(owner);
    this.#free(owner);
    throw signal.reason;
  }

  /** Ends the threads that have nothing to do. */
  close(): void {
    for (const [worker, timer] of this.#idle) {
      timer.cancel();
      void worker.terminate();
    }
  }

  #turn(owner: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { owner, grant: resolve };
    const giveUp = (): void => {
      this.#waiting = this.#waiting.filter((one) => one !== waiting);
      reject(signal.reason);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    this.#waiting.push(waiting);
    this.#serve();
    return promise.finally(() => signal.removeEventListener("abort", giveUp));
  }

  #serve(): void {
    this.#waiting = this.#waiting.filter(({ owner, grant }) => {
      const all = [...this.#busy.values()].reduce((sum, count) => sum + count, 0);
      const own = this.#busy.get(owner) ?? 0;
      if (all >= this.#options.most || own >= this.#options.mostOfOne) return true;
      this.#busy.set(owner, own + 1);
      grant();
      return false;
    });
  }

  #free(owner: string): void {
    const left = (this.#busy.get(owner) ?? 0) - 1;
    if (left > 0) this.#busy.set(owner, left);
    else this.#busy.delete(owner);
    this.#serve();
  }

  #thread(owner: string): PooledThread {
    const worker = this.#takeIdle() ?? this.#start();
    let isOfUse = true;
    const ended = (): void => {
      isOfUse = false;
      this.#free(owner);
    };
    worker.once("exit", ended);
    return {
      worker,
      giveBack: () => {
        if (!isOfUse) return; // Its place is free when it has ended.
        worker.off("exit", ended);
        this.#rest(worker);
        this.#free(owner);
      },
      end: () => {
        isOfUse = false;
        void worker.terminate();
      },
    };
  }

  #takeIdle(): Worker | undefined {
    const [found] = Array.from(this.#idle).slice(-1);
    if (!found) return undefined;
    const [worker, timer] = found;
    timer.cancel();
    this.#idle.delete(worker);
    return worker;
  }

  #start(): Worker {
    const worker = this.#options.start();
    return worker.once("exit", () => {
      this.#idle.get(worker)?.cancel();
      this.#idle.delete(worker);
    });
  }

  #rest(worker: Worker): void {
    const end = (): void => {
      this.#idle.delete(worker); // It takes a moment to end, and may be given to nobody meanwhile.
      void worker.terminate();
    };
    this.#idle.set(worker, this.#options.clock.after(IDLE_MS, end));
  }
}
