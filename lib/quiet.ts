import type { Clock, Timer } from "./clock.ts";

/** Waits until nothing has happened for so long. To note that something has costs next to nothing: it may be often. */
export class Quiet {
  /** Resolves then; never when it was closed before. */
  readonly longEnough: Promise<void>;
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #end = Promise.withResolvers<void>();
  #since: number;
  #timer: Timer;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
    this.longEnough = this.#end.promise;
    this.#since = clock.now();
    this.#timer = this.#lookIn(ms);
  }

  /** Something has happened. */
  broken(): void {
    this.#since = this.#clock.now();
  }

  close(): void {
    this.#timer.cancel();
  }

  #lookIn(ms: number): Timer {
    return this.#clock.after(ms, () => {
      const left = this.#since + this.#ms - this.#clock.now();
      if (left <= 0) this.#end.resolve();
      else this.#timer = this.#lookIn(left);
    });
  }
}
