/** Milliseconds of a look's time. `computedMs`: processor time. `waitedMs`: time in which it was ready and the machine had no processor for it. */
export interface Look {
  elapsedMs: number;
  computedMs: number;
  waitedMs: number;
}

export interface Limits {
  /** As long may something neither report nor compute. */
  idleMs: number;
  /** As much may it compute without a report. */
  computedMs: number;
}

/** Far more than any test needs: a product's own waits are seconds, and the longest test computes for two minutes. */
export const generous: Limits = { idleMs: 120_000, computedMs: 20 * 60_000 };

/** Polling for a condition takes less of a processor than this. */
const IDLE_SHARE = 0.25;
/** A machine that slept, or a runner that got no processor, has not seen that time go by. */
const LONGEST_LOOK_MS = 10_000;

/**
 * Says when something is stuck: not by the clock, which a slow or busy machine fails, but when it neither reports nor computes, or computes and computes
 * and never reports.
 */
export class Patience {
  readonly #limits: Limits;
  #idleMs = 0;
  #computedMs = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** It told something. */
  reported(): void {
    this.#idleMs = 0;
    this.#computedMs = 0;
  }

  /** What came to light since the last look. Undefined while there is hope, else why there is none. */
  look({ elapsedMs, computedMs, waitedMs }: Look): string | undefined {
    const isBusy = computedMs + waitedMs >= IDLE_SHARE * elapsedMs;
    this.#idleMs = isBusy ? 0 : this.#idleMs + Math.min(elapsedMs, LONGEST_LOOK_MS);
    this.#computedMs += computedMs;
    if (this.#idleMs >= this.#limits.idleMs) {
      return `it neither reported nor computed for ${Math.round(this.#idleMs / 1000)} s`;
    }
    if (this.#computedMs >= this.#limits.computedMs) {
      return `it computed for ${Math.round(this.#computedMs / 1000)} s and reported nothing`;
    }
    return undefined;
  }
}
