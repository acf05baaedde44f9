import type { Key, KubeObject } from "../api/object.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { abortable } from "./abortable.ts";
import type { InformerEvent, SharedInformer } from "./informer.ts";
import type { Outcome } from "./outcome.ts";
import type { Reconciler } from "./reconciler.ts";
import { type Lease, type QueueStatistics, WorkQueue } from "./work-queue.ts";

/** The daemon hands in a body that counts; machinery knows no metrics library. */
export interface ControllerMetrics {
  /** Called once for each controller; `read` gives the figures of the moment in which it is called. */
  register(controller: string, read: () => ControllerStatistics): void;
  /** Called after every reconcile. */
  reconciled(controller: string, outcome: Outcome["kind"] | "error", seconds: number): void;
}

export interface ControllerStatistics extends QueueStatistics {
  /** Keys that may be worked on at once. */
  concurrency: number;
}

export interface ControllerOptions {
  name: string;
  reconciler: Reconciler;
  clock: Clock;
  logger: Logger;
  /** Keys worked on at once; at most half of them for failing keys (P16). Default 16. */
  concurrency?: number;
  metrics?: ControllerMetrics;
  /** Default: a queue of its own. Hand one in to add keys from elsewhere, as exits of processes. */
  queue?: WorkQueue<Key>;
}

/** Takes keys from its queue and does with each what the reconciler's Outcome says. */
export class Controller {
  readonly name: string;
  readonly queue: WorkQueue<Key>;
  readonly #options: ControllerOptions;
  #concurrency: number;
  #signal: AbortSignal | undefined;
  readonly #workers = new Set<Promise<void>>();
  /** Workers that have not been told to go; those on their way out are still in `#workers`. */
  #hired = 0;
  readonly #logger: Logger;
  readonly #watched: Promise<void>[] = [];

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#concurrency = options.concurrency ?? 16;
    this.#logger = options.logger.child({ controller: options.name });
    const maxFailingLeases = failingShare(this.#concurrency);
    this.queue = options.queue ?? new WorkQueue({ clock: options.clock, maxFailingLeases });
    options.metrics?.register(this.name, () => ({ ...this.queue.statistics(), concurrency: this.#concurrency }));
  }

  /** Every event of the informer becomes the keys of what it concerns. `delayMs`: events within it are one (default: none). */
  watch<T extends KubeObject>(
    informer: SharedInformer<T>,
    mapToKeys: (event: InformerEvent<T>) => Iterable<Key>,
    delayMs: (key: Key) => number = () => 0,
  ): this {
    this.#watched.push(informer.synced);
    informer.on((event) => {
      for (const key of mapToKeys(event)) this.queue.addAfter(key, delayMs(key));
    });
    return this;
  }

  /** Begins when the watched informers are synced. Resolves after the signal aborted and the last reconcile has returned. */
  async start(signal: AbortSignal): Promise<void> {
    try {
      await abortable(Promise.all(this.#watched), signal);
      this.#signal = signal;
      this.#hire();
      // Workers come and go with the concurrency; after the abort none is hired any more.
      while (this.#workers.size > 0) await Promise.all(this.#workers);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.queue.close();
    }
  }

  /** More workers begin at once; superfluous ones go when they have finished their key. */
  setConcurrency(concurrency: number): void {
    this.#concurrency = concurrency;
    this.queue.setMaxFailingLeases(failingShare(concurrency));
    this.#hire();
  }

  #hire(): void {
    const signal = this.#signal;
    while (signal && !signal.aborted && this.#hired < this.#concurrency) {
      this.#hired += 1;
      const worker: Promise<void> = this.#work(signal).finally(() => this.#workers.delete(worker));
      this.#workers.add(worker);
    }
  }

  /** Resolves when no key is waiting or being worked on; delayed keys do not count. */
  idle(): Promise<void> {
    return this.queue.idle();
  }

  async #work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const lease = await this.queue.next(signal).catch(() => undefined);
      if (!lease) return;
      try {
        await this.#reconcile(lease, signal);
      } finally {
        lease.done();
      }
      if (this.#hired > this.#concurrency) {
        this.#hired -= 1;
        return;
      }
    }
  }

  async #reconcile({ key }: Lease<Key>, signal: AbortSignal): Promise<void> {
    const began = this.#options.clock.now();
    let result: Outcome["kind"] | "error" = "error";
    try {
      const outcome = await this.#options.reconciler.reconcile({ key }, signal);
      result = outcome.kind;
      this.#follow(key, outcome);
    } catch (error) {
      if (!signal.aborted) this.#retry(key, error);
    }
    const seconds = (this.#options.clock.now() - began) / 1000;
    this.#options.metrics?.reconciled(this.name, result, seconds);
  }

  #follow(key: Key, outcome: Outcome): void {
    this.queue.forget(key);
    if (outcome.kind === "again") this.queue.addAfter(key, outcome.afterMs);
    if (outcome.kind === "stalled") this.#logger.info(outcome.message, { key, reason: outcome.reason });
  }

  #retry(key: Key, error: unknown): void {
    this.#logger.error("reconcile failed", {
      key,
      error: error instanceof Error ? (error.stack ?? error.message) : error,
    });
    this.queue.addRateLimited(key);
  }
}

/** At most half of the workers are for failing keys (P16). */
const failingShare = (concurrency: number): number => Math.max(1, Math.floor(concurrency / 2));
