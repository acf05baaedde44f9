import { isConflict, StatusError } from "../api/errors.ts";
import type { Key, KubeObject } from "../api/object.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { abortable } from "./abortable.ts";
import type { InformerEvent, SharedInformer } from "./informer.ts";
import type { Outcome } from "./outcome.ts";
import type { Reconciler } from "./reconciler.ts";
import { type QueueStatistics, type WorkItem, WorkQueue } from "./work-queue.ts";

/** The daemon implements it: machinery knows no metrics library. */
export interface ControllerMetrics {
  /** Called once for each controller; `read` returns its present figures. */
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
  /** What the key stands for fails, as a program in a crash loop does, although its reconciles succeed: it is counted among the failing keys. */
  isFailing?: (key: Key) => boolean;
  metrics?: ControllerMetrics;
}

/** Takes keys from its queue, has each reconciled, and does with it what the Outcome says. */
export class Controller {
  readonly name: string;
  /** Keys may be added from elsewhere too, as when a process has ended. */
  readonly queue: WorkQueue<Key>;
  readonly #options: ControllerOptions;
  #concurrency: number;
  #signal: AbortSignal | undefined;
  readonly #workers = new Set<Promise<void>>();
  /** Workers without those that are to end after their present key. */
  #staying = 0;
  readonly #logger: Logger;
  readonly #watched: Promise<void>[] = [];

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#concurrency = options.concurrency ?? 16;
    this.#logger = options.logger.child({ controller: options.name });
    const maxActiveFailing = failingShare(this.#concurrency);
    const { clock, isFailing } = options;
    this.queue = new WorkQueue({ clock, maxActiveFailing, ...(isFailing && { isFailing }) });
    options.metrics?.register(this.name, () => ({ ...this.queue.statistics(), concurrency: this.#concurrency }));
  }

  /** Turns every event of the informer into the keys that it concerns. `delayMs`: events for a key within it count as one (default: 0). */
  watch<T extends KubeObject>(
    informer: SharedInformer<T>,
    mapToKeys: (event: InformerEvent<T>) => Iterable<Key>,
    delayMs: (key: Key, event: InformerEvent<T>) => number = () => 0,
  ): this {
    this.#watched.push(informer.synced);
    informer.on((event) => {
      for (const key of mapToKeys(event)) this.queue.addAfter(key, delayMs(key, event));
    });
    return this;
  }

  /** Begins when the watched informers are synced. Resolves after the signal aborted and the last reconcile has returned. */
  async start(signal: AbortSignal): Promise<void> {
    try {
      await abortable(Promise.all(this.#watched), signal);
      this.#signal = signal;
      this.#startWorkers();
      // The concurrency may change the workers; after the abort none is started any more.
      while (this.#workers.size > 0) await Promise.all(this.#workers);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.queue.close();
    }
  }

  /** Additional workers start at once; superfluous ones end when they have finished their key. */
  setConcurrency(concurrency: number): void {
    this.#concurrency = concurrency;
    this.queue.setMaxActiveFailing(failingShare(concurrency));
    this.#startWorkers();
  }

  #startWorkers(): void {
    const signal = this.#signal;
    while (signal && !signal.aborted && this.#staying < this.#concurrency) {
      this.#staying += 1;
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
      const item = await this.queue.next(signal).catch(() => undefined);
      if (!item) return;
      try {
        await this.#reconcile(item, signal);
      } finally {
        item.done();
      }
      if (this.#staying > this.#concurrency) {
        this.#staying -= 1;
        return;
      }
    }
  }

  async #reconcile({ key }: WorkItem<Key>, signal: AbortSignal): Promise<void> {
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
    // Somebody else was faster, which is how several writers share an Object: the next try reads what they wrote.
    if (isConflict(error)) this.#logger.debug("reconcile met a newer version", { key, error: error.message });
    else {
      this.#logger.error("reconcile failed", {
        key,
        error: detailsOf(error),
      });
    }
    this.queue.addRateLimited(key);
  }
}

/** At most half of the workers are for failing keys (P16). */
const failingShare = (concurrency: number): number => Math.max(1, Math.floor(concurrency / 2));

/** What the API answers is no fault of the code: its stack leads nowhere, and a full disk brings one for each key. */
function detailsOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return error instanceof StatusError ? `${error.reason}: ${error.message}` : (error.stack ?? error.message);
}
