import { type Key, type KubeObject, keyOf, type Stored } from "../api/object.ts";
import type { Clock } from "../lib/clock.ts";
import type { SharedInformer } from "./informer.ts";

/** A write that did not come back for so long never will, as when the store was put back to an earlier state: what the informer shows is the truth. */
const LONGEST_WAY_MS = 10 * 60_000;

interface Written<T extends KubeObject> {
  object: Stored<T>;
  /** Monotonic. */
  at: number;
}

/**
 * What a reconciler wrote itself and its informer does not show yet: the next decision must not be made on the state before the last one
 * (client-go's MutationCache). Holds no more than what is on its way: an entry goes as soon as the informer has caught up, and after ten
 * minutes in any case.
 */
export class MutationCache<T extends KubeObject> {
  readonly #informer: Pick<SharedInformer<T>, "lister" | "revision">;
  readonly #clock: Clock;
  readonly #groupOf: (object: Stored<T>) => string;
  /** In the order of writing. */
  readonly #written = new Map<Key, Written<T>>();
  readonly #groups = new Map<string, Set<Key>>();

  /** `groupOf`: what Objects are listed by, as the uid of their owner. */
  constructor(
    informer: Pick<SharedInformer<T>, "lister" | "revision">,
    clock: Clock,
    groupOf: (object: Stored<T>) => string = () => "",
  ) {
    this.#informer = informer;
    this.#clock = clock;
    this.#groupOf = groupOf;
  }

  remember(object: Stored<T>): void {
    this.#prune();
    const written = { object, at: this.#clock.now() };
    if (!this.#isOnItsWay(written)) return;
    const key = keyOf(object);
    this.#forget(key);
    this.#written.set(key, written);
    const group = this.#groupOf(object);
    this.#groups.set(group, (this.#groups.get(group) ?? new Set()).add(key));
  }

  /** The Object as it was last seen or written, whichever is newer. */
  get(key: Key): Stored<T> | undefined {
    const written = this.#written.get(key);
    return written && this.#isOnItsWay(written) ? written.object : this.#informer.lister.get(key);
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

  #isOnItsWay({ object, at }: Written<T>): boolean {
    const isShown = Number(object.metadata.resourceVersion) <= this.#informer.revision;
    return !isShown && this.#clock.now() - at < LONGEST_WAY_MS;
  }

  /** Writes come back about in the order they were made: the first that is still on its way ends the search. */
  #prune(): void {
    for (const [key, written] of this.#written) {
      if (this.#isOnItsWay(written)) return;
      this.#forget(key);
    }
  }

  #forget(key: Key): void {
    const written = this.#written.get(key);
    if (!written) return;
    this.#written.delete(key);
    const group = this.#groupOf(written.object);
    const keys = this.#groups.get(group);
    keys?.delete(key);
    if (keys?.size === 0) this.#groups.delete(group);
  }
}
