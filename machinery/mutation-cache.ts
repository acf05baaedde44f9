import { type Key, type KubeObject, keyOf, type Stored } from "../api/object.ts";
import type { Clock } from "../lib/clock.ts";
import type { SharedInformer } from "./informer.ts";

/** A write that the informer has not shown for so long will never come, as when the store was restored to an earlier state. Then what it shows is true. */
const LONGEST_WAY_MS = 10 * 60_000;

interface Written<T extends KubeObject> {
  object: Stored<T>;
  /** Monotonic. */
  at: number;
}

/**
 * What a reconciler has written and its informer does not show yet, so that the next decision is not made on an older state (client-go's
 * MutationCache). An entry is dropped as soon as the informer has caught up, and after ten minutes in any case.
 */
export class MutationCache<T extends KubeObject> {
  readonly #informer: Pick<SharedInformer<T>, "lister" | "revision">;
  readonly #clock: Clock;
  readonly #groupOf: (object: Stored<T>) => string;
  /** In the order of writing. */
  readonly #written = new Map<Key, Written<T>>();
  readonly #groups = new Map<string, Set<Key>>();

  /** `groupOf`: the group that an Object is listed with, as the uid of its owner. */
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

  /** The Object as it was seen or written last, whichever is newer. */
  get(key: Key): Stored<T> | undefined {
    const written = this.#written.get(key);
    return written && this.#isOnItsWay(written) ? written.object : this.#informer.lister.get(key);
  }

  /** What was written and is not shown yet. */
  pending(): Stored<T>[] {
    return [...this.#written.values()].filter((one) => this.#isOnItsWay(one)).map(({ object }) => object);
  }

  /** The Objects of a group: those listed, replaced by newer versions that were written, and those that were created. */
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
