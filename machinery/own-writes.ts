import { type Key, type KubeObject, keyOf, type Stored } from "../api/object.ts";
import type { SharedInformer } from "./informer.ts";

/**
 * What a reconciler wrote itself and its informer does not show yet: the next decision must not be made on the state before the last one
 * (client-go's MutationCache). Holds no more than what is on its way: an entry goes as soon as the informer has caught up.
 */
export class OwnWrites<T extends KubeObject> {
  readonly #informer: Pick<SharedInformer<T>, "lister" | "revision">;
  readonly #groupOf: (object: Stored<T>) => string;
  /** In the order of writing. */
  readonly #written = new Map<Key, Stored<T>>();
  readonly #groups = new Map<string, Set<Key>>();

  /** `groupOf`: what Objects are listed by, as the uid of their owner. */
  constructor(
    informer: Pick<SharedInformer<T>, "lister" | "revision">,
    groupOf: (object: Stored<T>) => string = () => "",
  ) {
    this.#informer = informer;
    this.#groupOf = groupOf;
  }

  remember(object: Stored<T>): void {
    this.#prune();
    if (this.#isShown(object)) return;
    const key = keyOf(object);
    this.#forget(key);
    this.#written.set(key, object);
    const group = this.#groupOf(object);
    this.#groups.set(group, (this.#groups.get(group) ?? new Set()).add(key));
  }

  /** The Object as it was last seen or written, whichever is newer. */
  get(key: Key): Stored<T> | undefined {
    const written = this.#written.get(key);
    return written && !this.#isShown(written) ? written : this.#informer.lister.get(key);
  }

  /** These Objects of a group from the lister, with what is newer in its place, and what is new. */
  over(listed: readonly Stored<T>[], group: string): Stored<T>[] {
    this.#prune();
    const keys = this.#groups.get(group);
    if (!keys) return [...listed];
    const byKey = new Map(listed.map((object) => [keyOf(object), object]));
    for (const key of keys) {
      const object = this.get(key);
      if (object) byKey.set(key, object);
    }
    return [...byKey.values()];
  }

  #isShown(object: Stored<T>): boolean {
    return Number(object.metadata.resourceVersion) <= this.#informer.revision;
  }

  /** Writes come back about in the order they were made: the first that is still on its way ends the search. */
  #prune(): void {
    for (const [key, object] of this.#written) {
      if (!this.#isShown(object)) return;
      this.#forget(key);
    }
  }

  #forget(key: Key): void {
    const object = this.#written.get(key);
    if (!object) return;
    this.#written.delete(key);
    const group = this.#groupOf(object);
    const keys = this.#groups.get(group);
    keys?.delete(key);
    if (keys?.size === 0) this.#groups.delete(group);
  }
}
