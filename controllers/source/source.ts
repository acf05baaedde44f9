import { declarable } from "../../api/apply/declarable.ts";
import { type Resource, wellKnown } from "../../api/scheme.ts";
import { backoffMs } from "../../lib/backoff.ts";
import { sleep } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { Informer, type InformerEvent } from "../../machinery/informer.ts";
import type { AppliedObject } from "./inventory.ts";
import { Report, type ReportOptions } from "./report.ts";
import { Sync, type SyncOptions } from "./sync.ts";

export interface SourceOptions extends Omit<SyncOptions, "report">, ReportOptions {
  logger: Logger;
  /** After so many milliseconds the source is read again, whether or not its reader tells of a change. */
  resyncMs: () => number;
  /** Hears of each change of what the source has made. */
  changed?: (event: InformerEvent, resource: Resource) => void;
  /** Called after each sync, whatever it found. */
  synced?: (signal: AbortSignal) => Promise<void>;
}

/** The events of one save of a file arrive within this time. */
const DEBOUNCE_MS = 50;
/** The same for a source that cannot be watched any more. */
const POLL_MS = 5_000;
const RETRY = { initialMs: 1_000, factor: 2, maxMs: 60_000 };

/**
 * Makes the API say what a source of manifests says: what is added or changed is applied, what is removed is pruned. Each sync compares the
 * whole source with the API, so nothing is missed that happened while the daemon was away. What cannot be read keeps its last good state.
 * What somebody deletes from the API comes back.
 */
export class Source {
  readonly #options: SourceOptions;
  readonly #sync: Sync;
  #failures = 0;
  #wake = (): void => {};

  constructor(options: SourceOptions) {
    this.#options = { ...options, resources: declarable(options.resources) };
    this.#sync = new Sync({ ...this.#options, report: new Report(options) });
  }

  /** Watches and syncs until the signal aborts. */
  async start(signal: AbortSignal): Promise<void> {
    const { clock, logger, reader, source } = this.#options;
    signal.addEventListener("abort", () => reader.close(), { once: true });
    let changed = false;
    const noteChange = (): void => {
      changed = true;
      this.#wake();
    };
    let longestRestMs = Number.POSITIVE_INFINITY;
    const failed = (error: unknown): void => {
      longestRestMs = POLL_MS;
      const message = `watching the ${source.noun} failed; looking every few seconds`;
      logger.warn(message, { source: source.label, error: String(error) });
    };
    const watching = reader.watch({ changed: noteChange, failed }).catch((error: unknown) => {
      failed(error);
      return async () => {};
    });
    // What changed between the first sync and the beginning of the watch.
    void watching.then(noteChange);
    this.#watchObjects(noteChange, signal);
    while (!signal.aborted) {
      if (changed) await sleep(clock, DEBOUNCE_MS, signal).catch(() => {});
      changed = false;
      const waitMs = await this.#syncSafely(signal);
      if (!changed) await this.#rest(Math.min(waitMs, longestRestMs), signal);
    }
    await (await watching)();
  }

  /** What is applied, by id. */
  get applied(): ReadonlyMap<string, AppliedObject> {
    return this.#sync.applied;
  }

  /** Was it seen with manifests in it? */
  isKnown(identity: string): boolean {
    return this.#sync.isKnown(identity);
  }

  /** One comparison of the source with the API. Returns after how many ms the next is due, when nothing happens before. */
  async sync(signal: AbortSignal): Promise<number> {
    const resyncMs = this.#options.resyncMs();
    const { isRetryWorthwhile, waitMs = resyncMs } = await this.#sync.run(signal);
    if (isRetryWorthwhile) return Math.min(this.#retryMs(), waitMs);
    this.#failures = 0;
    return Math.min(resyncMs, waitMs);
  }

  /** What somebody deletes while the source declares it comes back. */
  #watchObjects(deleted: () => void, signal: AbortSignal): void {
    const { overview: client, clock, logger, source } = this.#options;
    const labelSelector = `${wellKnown.sourceLabel}=${source.label}`;
    for (const resource of this.#options.resources) {
      const informer = new Informer({ client, clock, logger, resource, labelSelector });
      informer.on((event) => {
        this.#options.changed?.(event, resource);
        if (event.type === "Deleted") deleted();
      });
      void informer.start(signal);
    }
  }

  async #syncSafely(signal: AbortSignal): Promise<number> {
    const { logger, source } = this.#options;
    try {
      const waitMs = await this.sync(signal);
      await this.#options.synced?.(signal);
      return waitMs;
    } catch (error) {
      if (!signal.aborted) logger.error(`sync of the ${source.noun} failed`, { error: String(error) });
      return this.#retryMs();
    }
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await sleep(this.#options.clock, ms, AbortSignal.any([signal, woken.signal])).catch(() => {});
    this.#wake = () => {};
  }

  #retryMs(): number {
    return backoffMs(this.#failures++, RETRY);
  }
}
