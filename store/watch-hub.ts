import { expired } from "../api/errors.ts";
import type { Path, StoreEvent, Watching } from "./store.ts";

/**
 * Hands each event to every watcher of its path. To publish costs one comparison for all watchers of a prefix, and wakes only watchers that wait. A watcher
 * keeps references to shared events, at most `buffer` beyond those it began with (P17, P19).
 */
export class WatchHub {
  readonly #buffer: number;
  readonly #watchers = new Map<Path, Set<Watcher>>();
  #size = 0;

  constructor(buffer: number) {
    this.#buffer = buffer;
  }

  get size(): number {
    return this.#size;
  }

  /** Begins at once, not at the first `next()`, so that it misses nothing in between. `replay`: events of this prefix to begin with. */
  watch(prefix: Path, replay: StoreEvent[], signal: AbortSignal): Watching<StoreEvent> {
    const watcher = new Watcher(prefix, replay, this.#buffer);
    if (signal.aborted) watcher.end();
    if (watcher.ended) return watcher;
    const onAbort = (): void => watcher.end();
    signal.addEventListener("abort", onAbort, { once: true });
    this.#add(watcher);
    watcher.onEnd = () => {
      signal.removeEventListener("abort", onAbort);
      this.#remove(watcher);
    };
    return watcher;
  }

  #add(watcher: Watcher): void {
    const others = this.#watchers.get(watcher.prefix);
    if (others) others.add(watcher);
    else this.#watchers.set(watcher.prefix, new Set([watcher]));
    this.#size++;
  }

  #remove(watcher: Watcher): void {
    const others = this.#watchers.get(watcher.prefix);
    others?.delete(watcher);
    if (others?.size === 0) this.#watchers.delete(watcher.prefix);
    this.#size--;
  }

  publish(event: StoreEvent): void {
    for (const [prefix, watchers] of this.#watchers) {
      if (event.path.startsWith(prefix)) for (const watcher of watchers) watcher.push(event);
    }
  }

  /** Ends every watch; watchers still get what was already published. */
  close(): void {
    for (const watchers of this.#watchers.values()) for (const watcher of watchers) watcher.finish();
  }
}

interface Waiting {
  resolve(result: IteratorResult<StoreEvent>): void;
  reject(error: unknown): void;
}

const done: IteratorResult<never> = { done: true, value: undefined };

/** One consumer. It answers calls of `next()` in order; after the end each further call is `done`. */
class Watcher implements Watching<StoreEvent> {
  readonly prefix: Path;
  onEnd: () => void = () => {};
  ended = false;
  #queue: StoreEvent[];
  #taken = 0;
  #room: number;
  #waiting: Waiting[] = [];
  #listener: (() => void) | undefined;
  #failure: Error | undefined;

  constructor(prefix: Path, replay: StoreEvent[], buffer: number) {
    this.prefix = prefix;
    this.#queue = replay;
    this.#room = replay.length + buffer;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(event: StoreEvent): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve({ done: false, value: event });
    else if (this.#queue.length - this.#taken < this.#room) this.#queue.push(event);
    else this.#overflow();
    this.#tell();
  }

  #overflow(): void {
    this.#failure = expired(`too old resource version: this watch fell more than ${this.#room} events behind`);
    this.end();
  }

  nextNow(): StoreEvent | undefined {
    const event = this.#queue[this.#taken];
    if (event) this.#take();
    return event;
  }

  whenMore(listener: () => void): void {
    this.#listener = listener;
    if (this.#queue.length > this.#taken || this.ended) this.#tell();
  }

  #tell(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.();
  }

  next(): Promise<IteratorResult<StoreEvent>> {
    const event = this.nextNow();
    if (event) return Promise.resolve({ done: false, value: event });
    if (!this.ended) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    const failure = this.#failure;
    this.#failure = undefined;
    return failure ? Promise.reject(failure) : Promise.resolve(done);
  }

  return(): Promise<IteratorResult<never>> {
    this.#failure = undefined;
    this.end();
    return Promise.resolve(done);
  }

  /** Forgets what is queued. */
  end(): void {
    this.#queue = [];
    this.#taken = 0;
    this.finish();
  }

  finish(): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd();
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(done);
    this.#tell();
  }

  /** Moves the array each time half of it is taken: that keeps `next()` cheap and lets taken events go. */
  #take(): void {
    this.#taken += 1;
    if (this.#taken * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#taken);
    this.#taken = 0;
  }
}
