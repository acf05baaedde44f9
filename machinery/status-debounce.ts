import type { Key } from "../api/object.ts";
import type { Clock } from "../lib/clock.ts";

/** No report waits longer than this. */
const LONGEST_MS = 1_000;
const AGAIN_MS = 500;

/**
 * What is to be done comes before what is to be told: while many things wait to be done, a status may wait too. What changes meanwhile is
 * told with it, in one write.
 */
export class HoldBack {
  readonly #clock: Clock;
  readonly #isBusy: () => boolean;
  /** Monotonic ms at which a report was first held back. */
  readonly #since = new Map<Key, number>();

  constructor(clock: Clock, isBusy: () => boolean) {
    this.#clock = clock;
    this.#isBusy = isBusy;
  }

  /** Undefined: tell it now. Else look again after so many milliseconds. */
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
