/** A thread that reads a repository, or may begin to. */
export interface ThreadPlace {
  /** It has nothing to do. `end` is called, once, when others wait: then it ends, and is `free` afterwards. */
  rests(end: () => void): void;
  /** It has something to do again. */
  works(): void;
  /** The thread has ended. */
  free(): void;
}

interface Taken {
  owner: string;
  /** Absent while it works. */
  end?: (() => void) | undefined;
  isEnding: boolean;
}

interface Waiting {
  owner: string;
  grant: (place: ThreadPlace) => void;
}

/**
 * How many threads read repositories at once, in all and for one owner (a namespace): each costs some MiB, and who may make a source can make a thousand. The
 * others wait in the order in which they came; an idle thread ends for one who waits. A slow server holds up its own owner at most.
 */
export class ThreadPlaces {
  readonly #most: number;
  readonly #mostOfOne: number;
  /** Oldest first. */
  readonly #taken = new Set<Taken>();
  #waiting: Waiting[] = [];

  constructor(most: number, mostOfOne: number) {
    this.#most = most;
    this.#mostOfOne = mostOfOne;
  }

  /** Rejects when the signal aborts before there is a place. */
  take(owner: string, signal: AbortSignal): Promise<ThreadPlace> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<ThreadPlace>();
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
      if (this.#taken.size >= this.#most || this.#countOf(owner) >= this.#mostOfOne) return true;
      grant(this.#place(owner));
      return false;
    });
    const ending = Array.from(this.#taken).filter(({ isEnding }) => isEnding).length;
    for (const { owner } of this.#waiting.slice(ending)) this.#endIdle(owner);
  }

  /** Ends one that makes room for this owner. */
  #endIdle(owner: string): void {
    const isAtMost = this.#countOf(owner) >= this.#mostOfOne;
    const idle = Array.from(this.#taken).find((one) => one.end && !one.isEnding && (one.owner === owner || !isAtMost));
    if (!idle) return;
    idle.isEnding = true;
    idle.end?.();
  }

  #place(owner: string): ThreadPlace {
    const taken: Taken = { owner, isEnding: false };
    this.#taken.add(taken);
    return {
      rests: (end) => {
        taken.end = end;
        this.#serve();
      },
      works: () => {
        taken.end = undefined;
      },
      free: () => {
        this.#taken.delete(taken);
        this.#serve();
      },
    };
  }

  #countOf(owner: string): number {
    return Array.from(this.#taken).filter((one) => one.owner === owner).length;
  }
}
