import { type Key, type KubeObject, keyOf, type Stored, splitKey } from "../api/object.ts";
import type { Indexers, Lister } from "./lister.ts";

type ByKey<T extends KubeObject> = Map<Key, Stored<T>>;

/** What an Informer knows: Objects by key, by namespace and by its indexes. */
export class Cache<T extends KubeObject> implements Lister<T> {
  readonly #objects: ByKey<T> = new Map();
  readonly #namespaces = new Map<string, ByKey<T>>();
  readonly #indexers: Indexers<T> = {};
  readonly #indexes = new Map<string, Map<string, ByKey<T>>>();

  constructor(indexers: Indexers<T> = {}) {
    this.addIndexers(indexers);
  }

  /** Throws when another index has that name already. */
  addIndexers(indexers: Indexers<T>): void {
    for (const [name, valuesOf] of Object.entries(indexers)) {
      if ((this.#indexers[name] ?? valuesOf) !== valuesOf) throw new Error(`there is another index "${name}" already`);
      if (this.#indexers[name]) continue;
      this.#indexers[name] = valuesOf;
      const index = new Map<string, ByKey<T>>();
      this.#indexes.set(name, index);
      for (const [key, object] of this.#objects) for (const value of valuesOf(object)) put(index, value, key, object);
    }
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: Key): Stored<T> | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): Stored<T>[] {
    return [...((namespace === undefined ? this.#objects : this.#namespaces.get(namespace))?.values() ?? [])];
  }

  by(index: string, value: string): Stored<T>[] {
    const values = this.#indexes.get(index);
    if (!values) throw new Error(`no index "${index}"; this cache has: ${[...this.#indexes.keys()].join(", ")}`);
    return [...(values.get(value)?.values() ?? [])];
  }

  keys(): IterableIterator<Key> {
    return this.#objects.keys();
  }

  /** Most changes leave the values of an index as they were, so only values that are gone are taken out. */
  set(object: Stored<T>): void {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    this.#objects.set(key, object);
    put(this.#namespaces, object.metadata.namespace ?? "", key, object);
    for (const [name, index] of this.#indexes) {
      const values = this.#indexers[name]!(object);
      const before = previous ? this.#indexers[name]!(previous) : [];
      for (const value of before) if (!values.includes(value)) remove(index, value, key);
      for (const value of values) put(index, value, key, object);
    }
  }

  delete(key: Key): void {
    const object = this.#objects.get(key);
    if (!object) return;
    this.#objects.delete(key);
    remove(this.#namespaces, splitKey(key).namespace ?? "", key);
    this.#eachIndex(object, (index, value) => remove(index, value, key));
  }

  #eachIndex(object: Stored<T>, visit: (index: Map<string, ByKey<T>>, value: string) => void): void {
    for (const [name, index] of this.#indexes) {
      for (const value of this.#indexers[name]!(object)) visit(index, value);
    }
  }
}

function put<T extends KubeObject>(index: Map<string, ByKey<T>>, value: string, key: Key, object: Stored<T>): void {
  const bucket = index.get(value);
  if (bucket) bucket.set(key, object);
  else index.set(value, new Map([[key, object]]));
}

function remove<T extends KubeObject>(index: Map<string, ByKey<T>>, value: string, key: Key): void {
  const bucket = index.get(value);
  bucket?.delete(key);
  if (bucket?.size === 0) index.delete(value);
}
