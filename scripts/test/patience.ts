/** Milliseconds of a look's time. `computedMs`: processor time. `waitedMs`: time in which it was ready and the machine had no processor for it. */
export interface Look {
  elapsedMs: number;
  computedMs: number;
  waitedMs: number;
}

export interface Limits {
  /** A test file may neither report nor compute for this long. */
  idleMs: number;
  /** It may use this much processor time without a report. */
  computedMs: number;
}

/** Far more than any test needs: a product's own waits are seconds, and the longest test computes for two minutes. */
export const generous: Limits = { idleMs: 120_000, computedMs: 20 * 60_000 };

/** Polling for a condition takes less of a processor than this. */
const IDLE_SHARE = 0.25;
/** A machine that slept, or a runner that got no processor, has not seen that time go by. */
const LONGEST_LOOK_MS = 10_000;

/**
 * Says when something is stuck: not by the clock, which a slow or busy machine fails, but when it neither reports nor computes, or keeps computing
 * and never reports.
 */
export class Patience {
  readonly #limits: Limits;
  #idleMs = 0;
  #computedMs = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Call it when the test file has reported something. */
  reported(): void {
    this.#idleMs = 0;
    this.#computedMs = 0;
  }

  /** Takes in what happened since the last look. Returns why the file counts as stuck; undefined while it does not. */
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
