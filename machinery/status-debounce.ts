import type { Key } from "../api/object.ts";
import type { Clock } from "../lib/clock.ts";

/** No status waits longer than this. */
const LONGEST_MS = 1_000;
const AGAIN_MS = 500;

/**
 * Work comes before reports: while much work waits, the write of a status is put off for a short time. What changes meanwhile is in the
 * same write.
 */
export class StatusDebounce {
  readonly #clock: Clock;
  readonly #isBusy: () => boolean;
  /** Monotonic ms at which the write was first put off. */
  readonly #since = new Map<Key, number>();

  constructor(clock: Clock, isBusy: () => boolean) {
    this.#clock = clock;
    this.#isBusy = isBusy;
  }

  /** Undefined: write it now. Else ask again after so many milliseconds. */
  waitMs(key: Key): number | undefined {
    const now = this.#clock.now();
    const since = this.#since.get(key) ?? now;
    if (this.#isBusy() && now - since < LONGEST_MS) {
      this.#since.set(key, since);
      return AGAIN_MS;
    }
    this.#since.delete(key);
    return undefined;
  }

  forget(key: Key): void {
    this.#since.delete(key);
  }
}
