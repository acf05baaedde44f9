import type { Clock } from "./clock.ts";

/**
 * How long this daemon and those before it have run on their data, as far as was written down: it stands still while none runs, and no clock that is set
 * moves it. So a wait can go on over restarts.
 */
export class RunningTime {
  readonly #clock: Clock;
  readonly #startMs: number;

  /** `beforeMs`: what the daemons before this one have written down. */
  constructor(clock: Clock, beforeMs = 0) {
    this.#clock = clock;
    this.#startMs = clock.now() - beforeMs;
  }

  /** Whole milliseconds. */
  now(): number {
    return Math.round(this.#clock.now() - this.#startMs);
  }
}
