import { randomUUID } from "node:crypto";
import type {
  Client,
  DeleteOptions,
  ListOptions,
  ObjectList,
  Patch,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "../../api/client.ts";
import { alreadyExists, conflict, expired, notFound, StatusError } from "../../api/errors.ts";
import { type Key, type KubeObject, keyOf, type Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import { isObject } from "../../lib/json-object.ts";

interface Recorded {
  type: "ADDED" | "MODIFIED" | "DELETED";
  plural: string;
  revision: number;
  object: Stored;
}

export interface Call {
  verb: "get" | "list" | "watch" | "create" | "update" | "updateStatus" | "patch" | "delete";
  plural: string;
  key: string;
}

/**
 * A Client without a server: revisions, generations, conflicts, finalizers, propagation and watches as the API has them; no admission,
 * no selectors but `metadata.name`. `fail` makes calls fail; `calls` is what was asked; `endWatches` and `compact` break connections.
 */
export class MemoryClient implements Client {
  readonly calls: Call[] = [];
  /** Throws what the call shall reject with. */
  fail: (call: Call) => void = () => {};
  #revision = 0;
  #compacted = 0;
  #losesEvents = false;
  readonly #objects = new Map<string, Stored>();
  #history: Recorded[] = [];
  readonly #wakers = new Set<() => void>();
  #watchGeneration = 0;
  readonly #clock: Pick<Clock, "wall">;

  constructor(clock: Pick<Clock, "wall"> = { wall: () => new Date() }) {
    this.#clock = clock;
  }

  /** No watch tells of what is written meanwhile. */
  loseEvents(lose: boolean): void {
    this.#losesEvents = lose;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Everything stored of a resource, as a test looks at it. */
  all<T extends KubeObject>(resource: Resource<T>): Stored<T>[] {
    return [...this.#objects.entries()]
      .filter(([path]) => path.startsWith(`${resource.plural}/`))
      .map(([, object]) => object as Stored<T>);
  }

  peek<T extends KubeObject>(resource: Resource<T>, key: Key): Stored<T> | undefined {
    return this.#objects.get(`${resource.plural}/${key}`) as Stored<T> | undefined;
  }

  writes(plural?: string): Call[] {
    const reads = new Set(["get", "list", "watch"]);
    return this.calls.filter((call) => !reads.has(call.verb) && (plural === undefined || call.plural === plural));
  }

  /** Ends every open watch, as a server that restarts. */
  endWatches(): void {
    this.#watchGeneration += 1;
    this.#wake();
  }

  /** Forgets history: watches from before now are refused with 410. */
  compact(): void {
    this.#compacted = this.#revision;
    this.#history = [];
  }

  async get<T extends KubeObject>(resource: Resource<T>, key: Key): Promise<Stored<T>> {
    await this.#call("get", resource, key);
    return this.#known(resource, key);
  }

  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    await this.#call("list", resource, "");
    const items = this.all(resource).filter((object) => selected(object, options));
    return { items, metadata: { resourceVersion: String(this.#revision) } };
  }

  async *watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    await this.#call("watch", resource, "");
    let after = options.resourceVersion === undefined ? this.#revision : Number(options.resourceVersion);
    if (after < this.#compacted) throw expired(`too old resource version: ${after} (${this.#compacted})`);
    const generation = this.#watchGeneration;
    while (!options.signal.aborted && generation === this.#watchGeneration) {
      const upTo = this.#revision;
      for (const event of this.#history.filter((one) => one.revision > after)) {
        after = event.revision;
        if (event.plural !== resource.plural || !selected(event.object, options)) continue;
        yield { type: event.type, object: event.object as Stored<T> };
      }
      after = Math.max(after, upTo);
      if (after >= this.#revision) await this.#changed(options.signal);
    }
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T): Promise<Stored<T>> {
    await this.#call("create", resource, keyOf(object));
    const path = `${resource.plural}/${keyOf(object)}`;
    if (this.#objects.has(path)) throw alreadyExists(resource, object.metadata.name);
    const metadata = {
      ...object.metadata,
      uid: randomUUID(),
      generation: 1,
      creationTimestamp: this.#clock.wall().toISOString(),
    };
    return this.#store(resource, "ADDED", { ...object, metadata } as unknown as Stored<T>);
  }

  async update<T extends KubeObject>(resource: Resource<T>, object: T): Promise<Stored<T>> {
    await this.#call("update", resource, keyOf(object));
    const old = this.#current(resource, object);
    return this.#replace(resource, old, { ...object, ...("status" in old ? { status: old.status } : {}) });
  }

  async updateStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<Stored<T>> {
    await this.#call("updateStatus", resource, keyOf(object));
    const old = this.#current(resource, object);
    return this.#replace(resource, old, { ...old, status: (object as { status?: unknown }).status });
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    patch: Patch,
    options: WriteOptions & { subresource?: "status" | "scale" } = {},
  ): Promise<Stored<T>> {
    await this.#call("patch", resource, key);
    const old = this.#known(resource, key);
    if (patch.type !== "merge") throw new StatusError("UnsupportedMediaType", "only merge patches here");
    const merged = merge(old, patch.body) as T & { status?: unknown };
    this.#current(resource, merged);
    if (options.subresource === "status") return this.#replace(resource, old, { ...old, status: merged.status });
    return this.#replace(resource, old, { ...merged, status: (old as { status?: unknown }).status } as T);
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    options: DeleteOptions = {},
  ): Promise<Stored<T> | undefined> {
    await this.#call("delete", resource, key);
    const old = this.#known(resource, key);
    const { uid, resourceVersion } = options.preconditions ?? {};
    if (uid !== undefined && uid !== old.metadata.uid) throw conflict(resource, old.metadata.name, "uid differs");
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
      throw conflict(resource, old.metadata.name);
    }
    const finalizers = new Set(old.metadata.finalizers);
    if (options.propagation === "Foreground") finalizers.add("foregroundDeletion");
    if (options.propagation === "Orphan") finalizers.add("orphan");
    if (finalizers.size === 0) {
      this.#remove(resource, old);
      return undefined;
    }
    if (old.metadata.deletionTimestamp && finalizers.size === (old.metadata.finalizers?.length ?? 0)) return old;
    const deletionTimestamp = old.metadata.deletionTimestamp ?? this.#clock.wall().toISOString();
    const generation = (old.metadata.generation ?? 0) + 1;
    const metadata = { ...old.metadata, finalizers: [...finalizers], deletionTimestamp, generation };
    return this.#store(resource, "MODIFIED", { ...old, metadata });
  }

  async #call(verb: Call["verb"], resource: { plural: string }, key: string): Promise<void> {
    await Promise.resolve();
    const call = { verb, plural: resource.plural, key };
    this.calls.push(call);
    this.fail(call);
  }

  #known<T extends KubeObject>(resource: Resource<T>, key: Key): Stored<T> {
    const object = this.peek(resource, key);
    if (!object) throw notFound(resource, key.slice(key.indexOf("/") + 1));
    return object;
  }

  #current<T extends KubeObject>(resource: Resource<T>, object: T): Stored<T> {
    const old = this.#known(resource, keyOf(object));
    const { resourceVersion, uid } = object.metadata;
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
      throw conflict(resource, object.metadata.name);
    }
    if (uid !== undefined && uid !== old.metadata.uid) throw conflict(resource, object.metadata.name, "uid differs");
    return old;
  }

  #replace<T extends KubeObject>(resource: Resource<T>, old: Stored<T>, next: T): Stored<T> {
    const { uid, creationTimestamp, resourceVersion, deletionTimestamp } = old.metadata;
    const changed = JSON.stringify(withoutMeta(old)) !== JSON.stringify(withoutMeta(next));
    const generation = (old.metadata.generation ?? 0) + (changed ? 1 : 0);
    const kept = {
      uid,
      creationTimestamp,
      resourceVersion,
      generation,
      ...(deletionTimestamp ? { deletionTimestamp } : {}),
    };
    const object = { ...next, metadata: { ...next.metadata, ...kept } } as unknown as Stored<T>;
    if (JSON.stringify(object) === JSON.stringify(old)) return old;
    if (!deletionTimestamp || object.metadata.finalizers?.length) return this.#store(resource, "MODIFIED", object);
    return this.#remove(resource, object);
  }

  #store<T extends KubeObject>(resource: Resource<T>, type: Recorded["type"], object: Stored<T>): Stored<T> {
    this.#revision += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#revision) };
    const stored = freeze(structuredClone({ ...object, metadata }));
    const path = `${resource.plural}/${keyOf(object)}`;
    if (type === "DELETED") this.#objects.delete(path);
    else this.#objects.set(path, stored);
    if (!this.#losesEvents)
      this.#history.push({ type, plural: resource.plural, revision: this.#revision, object: stored });
    this.#wake();
    return stored;
  }

  #remove<T extends KubeObject>(resource: Resource<T>, object: Stored<T>): Stored<T> {
    return this.#store(resource, "DELETED", object);
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wakers.add(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}

const withoutMeta = (object: KubeObject): unknown => ({ ...object, metadata: undefined, status: undefined });

function selected(object: KubeObject, { namespace, fieldSelector }: ListOptions): boolean {
  const name = /^metadata\.name=(.+)$/.exec(fieldSelector ?? "")?.[1];
  return (
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name)
  );
}

/** RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}
