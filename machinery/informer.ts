import { type KubeObject, keyOf, type Stored } from "../api/object.ts";
import type { Resource } from "../api/scheme.ts";
import { Cache } from "./cache.ts";
import type { Indexers, Lister } from "./lister.ts";
import { Reflector, type ReflectorOptions } from "./reflector.ts";
import { resync } from "./resync.ts";

/** A change in the cache. A deletion that happened while the watch was interrupted is told too. */
export type InformerEvent<T extends KubeObject = KubeObject> =
  | { type: "Added" | "Deleted"; object: Stored<T>; previous?: undefined }
  | { type: "Changed"; object: Stored<T>; previous: Stored<T> }
  /** Nothing has changed; `resyncMs` asks for it. */
  | { type: "Resync"; object: Stored<T>; previous?: undefined };

export interface InformerOptions<T extends KubeObject> extends ReflectorOptions<T> {
  indexers?: Indexers<T>;
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

/**
 * Keeps a cache of one resource, which its Reflector fills, and tells listeners of each change in it. A new list is compared with the cache, so listeners
 * hear of each difference once.
 */
export class Informer<T extends KubeObject = KubeObject> implements SharedInformer<T> {
  /** Resolves when the first list is in the cache; rejects when the signal aborts before. */
  readonly synced: Promise<void>;
  readonly resource: Resource<T>;
  readonly #options: InformerOptions<T>;
  readonly #cache: Cache<T>;
  readonly #listeners = new Set<(event: InformerEvent<T>) => void>();
  readonly #sync = Promise.withResolvers<void>();
  readonly #reflector: Reflector<T>;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.resource = options.resource;
    this.#cache = new Cache(options.indexers);
    this.#reflector = new Reflector(options, {
      replace: (objects) => this.#replace(objects),
      set: (object) => this.#set(this.#kept(object)),
      delete: (object) => this.#delete(this.#kept(object)),
    });
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

  /** The cache has every change up to this resourceVersion. A reconciler that has written after it must not decide by the cache yet. */
  get revision(): number {
    return this.#reflector.revision;
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
    await this.#reflector.run(signal);
    await resynced;
    this.#sync.reject(signal.reason);
  }

  /** Ends the watch; the list that follows is compared with the cache, as after a watch that expired. */
  relist(): void {
    this.#reflector.relist();
  }

  #replace(objects: readonly Stored<T>[]): void {
    const gone = new Set(this.#cache.keys());
    for (const object of objects) gone.delete(keyOf(object));
    for (const key of gone) this.#delete(this.#cache.get(key)!);
    for (const object of objects) this.#set(this.#kept(object));
    this.#sync.resolve();
  }

  #kept(object: Stored<T>): Stored<T> {
    return this.#options.transform?.(object) ?? object;
  }

  #set(object: Stored<T>): void {
    const previous = this.#cache.get(keyOf(object));
    if (previous?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    // It was deleted and created again while nobody watched: both are told.
    if (previous && previous.metadata.uid !== object.metadata.uid) this.#delete(previous);
    this.#cache.set(object);
    if (previous?.metadata.uid === object.metadata.uid) this.#tellAll({ type: "Changed", object, previous });
    else this.#tellAll({ type: "Added", object });
  }

  #delete(object: Stored<T>): void {
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
}
