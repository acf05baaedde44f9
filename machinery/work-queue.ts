import type { Clock } from "../lib/clock.ts";
import { DelayQueue } from "./delay-queue.ts";
import { Fifo } from "./fifo.ts";

/** A key that was taken for work. */
export interface WorkItem<K> {
  readonly key: K;
  /** Gives the key back; if it was added meanwhile, it waits again. A second call does nothing. */
  done(): void;
}

export interface WorkQueueOptions<K = string> {
  clock: Clock;
  /** What the key stands for fails, although the work on it succeeds: it waits with the failing ones. Asked whenever the key begins to wait. */
  isFailing?: (key: K) => boolean;
  /** Delay of the first retry; doubles with each further one. */
  baseDelayMs?: number;
  maxDelayMs?: number;
  /** At most so many failing keys are active (worked on) at once; the other workers are kept for healthy ones (P16). */
  maxActiveFailing?: number;
}

/** What client-go's workqueue measures; its name for each in brackets. */
export interface QueueStatistics {
  /** Keys that could be worked on now (`depth`). */
  depth: number;
  /** Keys that are worked on now. */
  active: number;
  /** How often a key has begun to wait (`adds`). */
  adds: number;
  /** How often a key was added after a failure (`retries`). */
  retries: number;
  /** How many keys were taken for work, and the sum of the ms that they had waited (`queue_duration`). */
  taken: number;
  waitedMs: number;
  /** Age in ms of the work under way, in sum and of the oldest: a stuck worker shows here (`unfinished_work`, `longest_running_processor`). */
  unfinishedMs: number;
  longestRunningMs: number;
}

interface ActiveKey {
  /** It was added again meanwhile. */
  dirty: boolean;
  failing: boolean;
  /** Monotonic ms. */
  since: number;
}

/** Healthy keys go first, but after this many in a row a failing one has its turn. */
const HEALTHY_TURNS = 4;

/**
 * Keys waiting for work, as client-go's `workqueue`:
 * - keys leave in the order they came, and a key waits once however often it is added;
 * - a key is active (given to a worker) once at a time; if it is added meanwhile, it waits again after `done`;
 * - all delayed keys share one timer; of two delays of one key the shorter counts, and none any more when the key is given to a worker: whoever works on
 *   it looks at everything, and says when to look again;
 * - failing keys (those with `addRateLimited` since their last `forget`, and those of which `isFailing` says so) wait in a queue of their own, so that they
 *   never delay healthy ones.
 */
export class WorkQueue<K = string> {
  readonly #healthy = new Fifo<K>();
  readonly #failing = new Fifo<K>();
  readonly #active = new Map<K, ActiveKey>();
  readonly #failures = new Map<K, number>();
  readonly #delayed: DelayQueue<K>;
  readonly #waiters = new Set<(item: WorkItem<K>) => void>();
  readonly #idlers = new Set<() => void>();
  readonly #clock: Clock;
  readonly #options: Required<Omit<WorkQueueOptions<K>, "clock">>;
  readonly #counted = { adds: 0, retries: 0, taken: 0, waitedMs: 0 };
  #activeFailing = 0;
  #turns = 0;

  constructor({
    clock,
    isFailing = () => false,
    baseDelayMs = 5,
    maxDelayMs = 60_000,
    maxActiveFailing = Infinity,
  }: WorkQueueOptions<K>) {
    this.#clock = clock;
    this.#options = { isFailing, baseDelayMs, maxDelayMs, maxActiveFailing };
    this.#delayed = new DelayQueue(clock, (key) => this.add(key));
  }

  /** Keys that could be worked on now. */
  get depth(): number {
    return this.#healthy.size + this.#failing.size;
  }

  statistics(): QueueStatistics {
    const now = this.#clock.now();
    const running = Array.from(this.#active.values(), ({ since }) => now - since);
    return {
      depth: this.depth,
      active: running.length,
      ...this.#counted,
      unfinishedMs: running.reduce((sum, ms) => sum + ms, 0),
      longestRunningMs: running.reduce((longest, ms) => Math.max(longest, ms), 0),
    };
  }

  add(key: K): void {
    const item = this.#active.get(key);
    if (item) {
      item.dirty = true;
      return;
    }
    // It stays in the queue in which it waits, even if it has failed or recovered since: else it would be active twice.
    if (this.#healthy.has(key) || this.#failing.has(key)) return;
    this.#counted.adds += 1;
    const isFailing = this.#failures.has(key) || this.#options.isFailing(key);
    (isFailing ? this.#failing : this.#healthy).push(key, this.#clock.now());
    this.#handOut();
  }

  addAfter(key: K, ms: number): void {
    if (ms <= 0) this.add(key);
    else this.#delayed.add(key, ms);
  }

  /** Adds after a delay that doubles with every call since the last `forget`. */
  addRateLimited(key: K): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#counted.retries += 1;
    this.#failures.set(key, failures + 1);
    this.#delayed.add(key, Math.min(this.#options.maxDelayMs, this.#options.baseDelayMs * 2 ** Math.min(failures, 60)));
  }

  /** The key is healthy again: its next retry starts from the base delay. */
  forget(key: K): void {
    this.#failures.delete(key);
  }

  /** Resolves when a key is free; rejects with the signal's reason when it aborts first. */
  next(signal: AbortSignal): Promise<WorkItem<K>> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      const waiter = (item: WorkItem<K>): void => {
        signal.removeEventListener("abort", onAbort);
        resolve(item);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#handOut();
    });
  }

  /** Failing keys that are active already are not affected. */
  setMaxActiveFailing(most: number): void {
    this.#options.maxActiveFailing = most;
    this.#handOut();
  }

  /** Resolves when no key is waiting or active. Delayed keys do not count. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idlers.add(resolve));
  }

  /** Forgets delayed keys, so that no timer is left. */
  close(): void {
    this.#delayed.clear();
  }

  #isIdle(): boolean {
    return this.depth === 0 && this.#active.size === 0;
  }

  #handOut(): void {
    while (this.#waiters.size > 0) {
      const line = this.#nextLine();
      if (!line) return;
      const [waiter] = this.#waiters;
      this.#waiters.delete(waiter!);
      waiter!(this.#take(line));
    }
  }

  #nextLine(): Fifo<K> | undefined {
    const failingMayGo = this.#failing.size > 0 && this.#activeFailing < this.#options.maxActiveFailing;
    const healthyMayGo = this.#healthy.size > 0;
    if (failingMayGo && (!healthyMayGo || this.#turns >= HEALTHY_TURNS)) {
      this.#turns = 0;
      return this.#failing;
    }
    this.#turns += healthyMayGo ? 1 : 0;
    return healthyMayGo ? this.#healthy : undefined;
  }

  #take(line: Fifo<K>): WorkItem<K> {
    const { key, since } = line.shift()!;
    this.#delayed.delete(key);
    const failing = line === this.#failing;
    const now = this.#clock.now();
    const item = { dirty: false, failing, since: now };
    this.#active.set(key, item);
    this.#counted.taken += 1;
    this.#counted.waitedMs += now - since;
    if (failing) this.#activeFailing += 1;
    return { key, done: () => this.#giveBack(key, item) };
  }

  #giveBack(key: K, item: ActiveKey): void {
    if (this.#active.get(key) !== item) return;
    this.#active.delete(key);
    if (item.failing) this.#activeFailing -= 1;
    if (item.dirty) this.add(key);
    else this.#handOut();
    if (!this.#isIdle()) return;
    for (const resolve of this.#idlers) resolve();
    this.#idlers.clear();
  }
}
