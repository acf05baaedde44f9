import { type Key, type KubeObject, keyOf, type Stored } from "../api/object.ts";
import type { Clock } from "../lib/clock.ts";

interface Held {
  uid: string;
  status: unknown;
  /** Monotonic ms at which the first status began to wait. */
  since: number;
}

/**
 * Statuses that tell of a moment, as that a program is stopping: the next one is near, and what it overtakes is never written. What is not overtaken in
 * time is written then. A daemon that is killed meanwhile has the state of one that was killed just before the write.
 */
export class HeldStatuses<T extends KubeObject> {
  readonly #clock: Clock;
  readonly #held = new Map<Key, Held>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many wait (P19). */
  get size(): number {
    return this.#held.size;
  }

  /** The Object with the status that waits: whoever made it decides as if it were written. */
  over(object: Stored<T>): Stored<T> {
    const held = this.#held.get(keyOf(object));
    return held?.uid === object.metadata.uid ? { ...object, status: held.status } : object;
  }

  /**
   * This status may wait. Returns for how many milliseconds; 0: no longer, it is to be written now. They count from the first that waited since the
   * last `release`, so what changes all the time is written too.
   */
  hold(object: Stored<T>, status: unknown, longestMs: number): number {
    const key = keyOf(object);
    const { uid } = object.metadata;
    const before = this.#held.get(key);
    const now = this.#clock.now();
    const since = before?.uid === uid ? before.since : now;
    this.#held.set(key, { uid, status, since });
    return Math.max(0, since + longestMs - now);
  }

  /** Nothing of this Object waits any more: it is written, or gone. */
  release(key: Key): void {
    this.#held.delete(key);
  }
}
