import { type Clock, systemClock } from "../../lib/clock.ts";

interface Options<V> {
  /** What all of it may take, in the unit of `sizeOf`. */
  most: number;
  sizeOf(value: V): number;
  clock?: Clock;
}

/** Who lists again and again comes more often than this. */
const IDLE_MS = 30_000;

/**
 * What was made from Objects, for who asks for the same again. It is bounded, and goes when nobody asks for a while: a list that was shown once must not take memory as long
 * as its Objects are there. The oldest half goes at once, so that nothing has to be counted at a read.
 */
export class RecentlyMade<V> {
  readonly #options: Options<V>;
  readonly #clock: Clock;
  #young = new WeakMap<object, V>();
  #old = new WeakMap<object, V>();
  #size = 0;
  #isAsked = false;
  #isAwaitingIdleness = false;

  constructor({ clock = systemClock, ...options }: Options<V>) {
    this.#options = options;
    this.#clock = clock;
  }

  get(object: object): V | undefined {
    this.#isAsked = true;
    return this.#young.get(object) ?? this.#old.get(object);
  }

  set(object: object, value: V): void {
    const { most, sizeOf } = this.#options;
    const size = sizeOf(value);
    if (this.#size + size > most / 2) this.#turn();
    this.#young.set(object, value);
    this.#size += size;
    if (!this.#isAwaitingIdleness) this.#awaitIdleness();
  }

  #turn(): void {
    this.#old = this.#young;
    this.#young = new WeakMap();
    this.#size = 0;
  }

  #awaitIdleness(): void {
    this.#isAwaitingIdleness = true;
    this.#isAsked = false;
    this.#clock.after(IDLE_MS, () => {
      this.#isAwaitingIdleness = false;
      if (this.#isAsked) return this.#awaitIdleness();
      this.#turn();
      this.#turn();
    });
  }
}
