import { type Clock, sleep } from "../lib/clock.ts";

/** So many commits may follow each other at once: a chain of writes that depend on each other is not held up. */
const BURST = 6;
/** Beyond it, one commit in this time. */
const GAP_MS = 3;

/**
 * When commits begin. Writers that come in a steady trickle (a thousand processes being started, each with its status) would make an fsync
 * each; a few milliseconds of patience let them share one as a crowd does. A token bucket, on the monotonic clock.
 */
export class Pace {
  readonly #clock: Clock;
  #tokens = BURST;
  #refilledMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#refilledMs = clock.now();
  }

  /** Resolves when the next commit may begin. */
  async turn(): Promise<void> {
    this.#refill();
    if (this.#tokens < 1) {
      await sleep(this.#clock, (1 - this.#tokens) * GAP_MS);
      this.#refill();
    }
    this.#tokens -= 1;
  }

  #refill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(BURST, this.#tokens + (now - this.#refilledMs) / GAP_MS);
    this.#refilledMs = now;
  }
}
