import type { Clock, Timer } from "./clock.ts";

/** What new objects are made in: V8 lets it grow while many of them live on, to 32 MiB. */
export interface YoungGeneration {
  /** In bytes, with what is empty of it. */
  size(): number;
  /** Returns what collects it: some milliseconds the first time, less than one when little was allocated since. */
  collector(): () => void;
}

/** With so much there is nothing to give back. */
const SMALL = 8 * 1024 * 1024;
/** Nothing was collected for so long: the burst is over. */
const QUIET_MS = 2_000;
const STEP_MS = 500;
/** V8 remembers ten collections, and how much was allocated in the last five seconds; the first of ours still has something of the burst. */
const STEPS = 12;
/** From one series to the next, where a program is never quiet enough for V8. */
const PAUSE_MS = 15_000;

/**
 * Shows V8 that a burst is over. V8 gives memory back, in the background and in small steps, once a program allocates little; how much that is, it knows from its last
 * ten collections. Who does nothing after a burst collects nothing either, and keeps what the burst needed for minutes. Some collections of nearly nothing, one after
 * the other, say how it is now.
 */
export class IdleHeap {
  readonly #clock: Clock;
  readonly #young: YoungGeneration;
  #lastCollected = 0;
  #notBefore = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(clock: Clock, young: YoungGeneration) {
    this.#clock = clock;
    this.#young = young;
  }

  /** V8 has collected garbage because it needed the room. It may be often. */
  collected(): void {
    this.#lastCollected = this.#clock.now();
    this.#timer ??= this.#lookIn(QUIET_MS);
  }

  close(): void {
    this.#timer?.cancel();
  }

  #lookIn(ms: number): Timer {
    return this.#clock.after(ms, () => {
      const left = Math.max(this.#lastCollected + QUIET_MS, this.#notBefore) - this.#clock.now();
      if (left > 0) this.#timer = this.#lookIn(left);
      else if (this.#young.size() > SMALL) this.#begin();
      else this.#timer = undefined;
    });
  }

  #begin(): void {
    this.#notBefore = this.#clock.now() + PAUSE_MS;
    this.#collect(this.#young.collector(), this.#lastCollected, STEPS);
  }

  /** Gives up when V8 collects meanwhile: it is not quiet any more. */
  #collect(collect: () => void, quietSince: number, steps: number): void {
    if (this.#lastCollected !== quietSince) {
      this.#timer = this.#lookIn(QUIET_MS);
      return;
    }
    collect();
    this.#timer =
      steps === 1 ? undefined : this.#clock.after(STEP_MS, () => this.#collect(collect, quietSince, steps - 1));
  }
}
