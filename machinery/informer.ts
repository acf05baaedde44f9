import type { Client, WatchEvent } from "../api/client.ts";
import { isExpired } from "../api/errors.ts";
import { type KubeObject, keyOf, type Stored } from "../api/object.ts";
import type { Resource } from "../api/scheme.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { Cache } from "./cache.ts";
import type { Indexers, Lister } from "./lister.ts";
import { resync } from "./resync.ts";

/** A change in the cache. A deletion that happened while the watch was interrupted is told too. */
export type InformerEvent<T extends KubeObject = KubeObject> =
  | { type: "Added" | "Deleted"; object: Stored<T>; previous?: undefined }
  | { type: "Changed"; object: Stored<T>; previous: Stored<T> }
  /** Nothing has changed; `resyncMs` asks for it. */
  | { type: "Resync"; object: Stored<T>; previous?: undefined };

export interface InformerOptions<T extends KubeObject> {
  client: Client;
  resource: Resource<T>;
  clock: Clock;
  logger: Logger;
  indexers?: Indexers<T>;
  /** Absent: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** What the cache keeps of an Object, and listeners are told (client-go's TransformFunc). Default: all of it. */
  transform?: (object: Stored<T>) => Stored<T>;
  /** In each such period all Objects are listed anew, and each is told again, spread over the period. Absent: never. */
  resyncMs?: number;
  /** From 0 to below 1; spreads the resyncs of many informers. */
  random?: () => number;
}

/** What users of an Informer see of it. */
export interface SharedInformer<T extends KubeObject = KubeObject> {
  readonly resource: Resource<T>;
  readonly lister: Lister<T>;
  readonly synced: Promise<void>;
  readonly revision: number;
  on(listener: (event: InformerEvent<T>) => void): () => void;
  start(signal: AbortSignal): Promise<void>;
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

/**
 * Keeps a cache of one resource: it lists, and watches from there (client-go's Reflector and Informer in one). A watch that ends is resumed where it
 * ended. If that revision is compacted (410), a new list is compared with the cache, so listeners hear of each difference once.
 */
export class Informer<T extends KubeObject = KubeObject> implements SharedInformer<T> {
  /** Resolves when the first list is in the cache; rejects when the signal aborts before. */
  readonly synced: Promise<void>;
  readonly resource: Resource<T>;
  readonly #options: InformerOptions<T>;
  readonly #cache: Cache<T>;
  readonly #listeners = new Set<(event: InformerEvent<T>) => void>();
  readonly #sync = Promise.withResolvers<void>();
  #revision = 0;
  #resume: string | undefined;
  #watching: AbortController | undefined;
  #failures = 0;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.resource = options.resource;
    this.#cache = new Cache(options.indexers);
    this.synced = this.#sync.promise;
    this.synced.catch(() => {}); // Nobody has to wait for it.
  }

  get lister(): Lister<T> {
    return this.#cache;
  }

  /** For all who share it. Throws when another index has that name already. */
  addIndexers(indexers: Indexers<T>): void {
    this.#cache.addIndexers(indexers);
  }

  /** The cache has every change up to this resourceVersion. Who has written later must not decide by the cache yet. */
  get revision(): number {
    return this.#revision;
  }

  /** Tells the listener at once of every Object in the cache, then of each change in order. Returns the unsubscription. */
  on(listener: (event: InformerEvent<T>) => void): () => void {
    this.#listeners.add(listener);
    for (const object of this.#cache.list()) this.#tell(listener, { type: "Added", object });
    return () => this.#listeners.delete(listener);
  }

  /** Runs until the signal aborts; then resolves. */
  async start(signal: AbortSignal): Promise<void> {
    const resynced = this.#resync(signal);
    while (!signal.aborted) {
      const waitMs = await this.#round(signal);
      if (waitMs > 0) await sleep(this.#options.clock, waitMs, signal).catch(() => {});
    }
    await resynced;
    this.#sync.reject(signal.reason);
  }

  /** One list (when needed) and one watch until it ends. Returns how long to wait before the next. */
  async #round(signal: AbortSignal): Promise<number> {
    try {
      if (this.#resume === undefined) await this.#list(signal);
      const seen = this.#revision;
      await this.#watch(signal);
      // A server that ends every watch at once must not be hammered.
      return this.#revision === seen && this.#resume !== undefined ? FIRST_RETRY_MS : 0;
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
    const { items, metadata } = await this.#options.client.list(this.resource, { ...this.#selection(), signal });
    const gone = new Set(this.#cache.keys());
    for (const item of items) gone.delete(keyOf(item));
    this.#revision = Number(metadata.resourceVersion);
    for (const key of gone) this.#forget(this.#cache.get(key)!);
    for (const item of items) this.#learn(this.#kept(item));
    this.#resume = metadata.resourceVersion;
    this.#sync.resolve();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const watching = new AbortController();
    this.#watching = watching;
    const both = AbortSignal.any([signal, watching.signal]);
    const options = { ...this.#selection(), signal: both, resourceVersion: this.#resume!, bookmarks: true };
    for await (const event of this.#options.client.watch(this.resource, options)) {
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
    const object = this.#kept(event.object);
    if (event.type === "DELETED") this.#forget(object);
    else this.#learn(object);
  }

  #kept(object: Stored<T>): Stored<T> {
    return this.#options.transform?.(object) ?? object;
  }

  #learn(object: Stored<T>): void {
    const previous = this.#cache.get(keyOf(object));
    if (previous?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    // It was deleted and created again while nobody watched: both are told.
    if (previous && previous.metadata.uid !== object.metadata.uid) this.#forget(previous);
    this.#cache.set(object);
    if (previous?.metadata.uid === object.metadata.uid) this.#tellAll({ type: "Changed", object, previous });
    else this.#tellAll({ type: "Added", object });
  }

  #forget(object: Stored<T>): void {
    if (!this.#cache.get(keyOf(object))) return;
    this.#cache.delete(keyOf(object));
    this.#tellAll({ type: "Deleted", object });
  }

  #tellAll(event: InformerEvent<T>): void {
    for (const listener of this.#listeners) this.#tell(listener, event);
  }

  #tell(listener: (event: InformerEvent<T>) => void, event: InformerEvent<T>): void {
    try {
      listener(event);
    } catch (error) {
      this.#options.logger.error("listener failed", { resource: this.resource.plural, error: String(error) });
    }
  }

  async #resync(signal: AbortSignal): Promise<void> {
    const { resyncMs, clock, random = Math.random } = this.#options;
    if (resyncMs === undefined) return;
    const tell = (keys: readonly string[]): void => {
      for (const key of keys) {
        const object = this.#cache.get(key);
        if (object) this.#tellAll({ type: "Resync", object });
      }
    };
    const keys = (): string[] => [...this.#cache.keys()];
    await resync({ clock, periodMs: resyncMs, random, relist: () => this.relist(), keys, tell }, signal);
  }

  /** Ends the watch; the list that follows is compared with the cache, as after a watch that expired. */
  relist(): void {
    this.#resume = undefined;
    this.#watching?.abort();
  }

  #selection(): { namespace?: string; labelSelector?: string; fieldSelector?: string } {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
  }
}
