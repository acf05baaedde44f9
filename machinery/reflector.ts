import type { Client, WatchEvent } from "../api/client.ts";
import { isExpired } from "../api/errors.ts";
import type { KubeObject, Stored } from "../api/object.ts";
import type { Resource } from "../api/scheme.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";

export interface ReflectorOptions<T extends KubeObject> {
  client: Client;
  resource: Resource<T>;
  clock: Clock;
  logger: Logger;
  /** Absent: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

/** Where a Reflector writes what it learns (client-go's `ReflectorStore`). */
export interface ReflectorStore<T extends KubeObject> {
  /** These are all Objects that there are now. */
  replace(objects: readonly Stored<T>[]): void;
  /** This Object was added or changed. */
  set(object: Stored<T>): void;
  /** This Object was deleted. */
  delete(object: Stored<T>): void;
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

/**
 * Lists one resource, and watches from there. A watch that ends is resumed where it ended; after one whose revision is compacted (410), everything
 * is listed again. Failures are retried with a growing delay.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #store: ReflectorStore<T>;
  #revision = 0;
  /** The resourceVersion after which the next watch begins; undefined when a list must come first. */
  #resume: string | undefined;
  #watching: AbortController | undefined;
  #failures = 0;

  constructor(options: ReflectorOptions<T>, store: ReflectorStore<T>) {
    this.#options = options;
    this.#store = store;
  }

  /** The store was told of every change up to this resourceVersion. */
  get revision(): number {
    return this.#revision;
  }

  /** Runs until the signal aborts; then resolves. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await this.#round(signal);
      if (waitMs > 0) await sleep(this.#options.clock, waitMs, signal).catch(() => {});
    }
  }

  /** Ends the watch; a new list follows, as after a watch that expired. */
  relist(): void {
    this.#resume = undefined;
    this.#watching?.abort();
  }

  /** One list (when needed) and one watch until it ends. Returns how long to wait before the next. */
  async #round(signal: AbortSignal): Promise<number> {
    try {
      if (this.#resume === undefined) await this.#list(signal);
      const before = this.#revision;
      await this.#watch(signal);
      // A server that ends every watch at once must not be hammered.
      return this.#revision === before && this.#resume !== undefined ? FIRST_RETRY_MS : 0;
    } catch (error) {
      if (signal.aborted) return 0;
      return this.#afterFailure(error);
    }
  }

  #afterFailure(error: unknown): number {
    const { logger, resource } = this.#options;
    const fields = { resource: resource.plural, error: String(error) };
    const wasResuming = this.#resume !== undefined;
    if (isExpired(error)) this.#resume = undefined;
    if (isExpired(error) && wasResuming && this.#failures === 0) {
      this.#failures = 1;
      logger.info("watch expired, listing again", fields);
      return 0;
    }
    const waitMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    logger.warn("watch failed, trying again", { ...fields, waitMs });
    return waitMs;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource } = this.#options;
    const { items, metadata } = await client.list(resource, { ...this.#selection(), signal });
    this.#revision = Number(metadata.resourceVersion);
    this.#store.replace(items);
    this.#resume = metadata.resourceVersion;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const watching = new AbortController();
    this.#watching = watching;
    const both = AbortSignal.any([signal, watching.signal]);
    const options = { ...this.#selection(), signal: both, resourceVersion: this.#resume!, bookmarks: true };
    for await (const event of this.#options.client.watch(this.#options.resource, options)) {
      if (both.aborted) return;
      this.#failures = 0;
      this.#take(event);
    }
  }

  #take(event: WatchEvent<T>): void {
    const revision = event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.resourceVersion;
    this.#resume = revision;
    this.#revision = Number(revision);
    if (event.type === "BOOKMARK") return;
    if (event.type === "DELETED") this.#store.delete(event.object);
    else this.#store.set(event.object);
  }

  #selection(): Pick<ReflectorOptions<T>, "namespace" | "labelSelector" | "fieldSelector"> {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
  }
}
