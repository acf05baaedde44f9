import type { Client } from "../api/client.ts";
import { type Key, type KubeObject, type Stored, splitKey } from "../api/object.ts";
import type { Resource } from "../api/scheme.ts";
import { escapeFieldValue } from "../api/selectors/selectors.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { Informer, type InformerEvent } from "./informer.ts";
import { resync } from "./resync.ts";

export interface ReferencedObjectsOptions<T extends KubeObject> {
  client: Client;
  resource: Resource<T>;
  clock: Clock;
  logger: Logger;
  /** In each such period every Object is listed anew, a part at a time. Absent: never. */
  resyncMs?: number;
  /** From 0 to below 1. */
  random?: () => number;
}

interface Entry<T extends KubeObject> {
  informer: Informer<T>;
  holders: Set<string>;
  isSynced: boolean;
  end(): void;
}

/**
 * A cache of those Objects of one resource that somebody refers to, and of no others: one list and one watch by name for each, however many
 * refer to it, until nobody refers to it any more (the kubelet's watch-based manager).
 */
export class ReferencedObjects<T extends KubeObject> {
  readonly resource: Resource<T>;
  /** It is synced from the start, because nobody refers to anything yet. */
  readonly synced = Promise.resolve();
  readonly #options: ReferencedObjectsOptions<T>;
  readonly #entries = new Map<Key, Entry<T>>();
  readonly #held = new Map<string, ReadonlySet<Key>>();
  readonly #listeners = new Set<(event: InformerEvent<T>) => void>();

  constructor(options: ReferencedObjectsOptions<T>) {
    this.#options = options;
    this.resource = options.resource;
  }

  /** How many Objects are watched. */
  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Stored<T> | undefined {
    return this.#entries.get(key)?.informer.lister.get(key);
  }

  /** From now on `holder` refers to exactly these. */
  refer(holder: string, keys: ReadonlySet<Key>): void {
    const before = this.#held.get(holder) ?? new Set<Key>();
    for (const key of keys) if (!before.has(key)) this.#entry(key).holders.add(holder);
    for (const key of before) if (!keys.has(key)) this.#release(holder, key);
    if (keys.size > 0) this.#held.set(holder, keys);
    else this.#held.delete(holder);
  }

  /** Undefined when all that `holder` refers to has been looked at; otherwise resolves when it has. */
  awaited(holder: string): Promise<unknown> | undefined {
    const keys = [...(this.#held.get(holder) ?? [])];
    const unknown = keys.flatMap((key) => this.#entries.get(key) ?? []).filter(({ isSynced }) => !isSynced);
    return unknown.length === 0 ? undefined : Promise.allSettled(unknown.map(({ informer }) => informer.synced));
  }

  /** The listener is told of every change of an Object while somebody refers to it. */
  on(listener: (event: InformerEvent<T>) => void): void {
    this.#listeners.add(listener);
  }

  /** Ends everything when the signal aborts; then resolves. */
  async start(signal: AbortSignal): Promise<void> {
    const { clock, resyncMs, random = Math.random } = this.#options;
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    const keys = (): Key[] => [...this.#entries.keys()];
    const tell = (some: readonly Key[]): void => {
      for (const key of some) this.#entries.get(key)?.informer.relist();
    };
    if (resyncMs !== undefined)
      await resync({ clock, periodMs: resyncMs, random, relist: () => {}, keys, tell }, signal);
    if (!signal.aborted) await aborted;
    for (const { end } of this.#entries.values()) end();
  }

  #entry(key: Key): Entry<T> {
    const known = this.#entries.get(key);
    if (known) return known;
    const { client, resource, clock, logger } = this.#options;
    const { namespace, name } = splitKey(key);
    const informer = new Informer<T>({
      client,
      resource,
      clock,
      logger,
      ...(namespace === undefined ? {} : { namespace }),
      fieldSelector: `metadata.name=${escapeFieldValue(name)}`,
    });
    const ending = new AbortController();
    const entry: Entry<T> = { informer, holders: new Set(), isSynced: false, end: () => ending.abort() };
    this.#entries.set(key, entry);
    informer.on((event) => {
      for (const listener of this.#listeners) listener(event);
    });
    void informer.start(ending.signal);
    informer.synced.then(
      () => {
        entry.isSynced = true;
      },
      () => {},
    );
    return entry;
  }

  #release(holder: string, key: Key): void {
    const entry = this.#entries.get(key);
    entry?.holders.delete(holder);
    if (!entry || entry.holders.size > 0) return;
    entry.end();
    this.#entries.delete(key);
  }
}
