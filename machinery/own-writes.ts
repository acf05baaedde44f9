import { type Key, type KubeObject, keyOf, type Stored } from "../api/object.ts";
import type { Informer } from "./informer.ts";

type Cached<T extends KubeObject> = Pick<Informer<T>, "lister" | "revision">;

/**
 * What a reconciler wrote itself and its informer does not show yet: the next decision must not be made on the state before the last one
 * (client-go's MutationCache). Holds no more than what is on its way: an entry goes as soon as the informer has caught up.
 */
export class OwnWrites<T extends KubeObject> {
  readonly #informer: Cached<T>;
  readonly #written = new Map<Key, Stored<T>>();

  constructor(informer: Cached<T>) {
    this.#informer = informer;
  }

  remember(object: Stored<T>): void {
    if (Number(object.metadata.resourceVersion) > this.#informer.revision) this.#written.set(keyOf(object), object);
  }

  /** The Object as it was last seen or written, whichever is newer. */
  get(key: Key): Stored<T> | undefined {
    this.#prune();
    return this.#written.get(key) ?? this.#informer.lister.get(key);
  }

  /** These Objects from the lister, with what is newer in its place; and what was written and fits but is not in the lister at all. */
  over(listed: readonly Stored<T>[], fits: (object: Stored<T>) => boolean): Stored<T>[] {
    this.#prune();
    if (this.#written.size === 0) return [...listed];
    const byKey = new Map(listed.map((object) => [keyOf(object), object]));
    for (const [key, object] of this.#written) if (byKey.has(key) || fits(object)) byKey.set(key, object);
    return [...byKey.values()];
  }

  #prune(): void {
    for (const [key, object] of this.#written) {
      if (Number(object.metadata.resourceVersion) <= this.#informer.revision) this.#written.delete(key);
    }
  }
}
