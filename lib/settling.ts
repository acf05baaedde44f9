import type { Clock } from "./clock.ts";

/** What never rests is taken in after so many times its settling time, once nothing is under way for an earlier change. */
const PATIENCE = 10;

/** Since when a change waits. In memory: a program that begins anew waits anew. */
export class Settling {
  readonly #clock: Clock;
  #waiting: { what: string; beganAt: number; changedAt: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Nothing waits. */
  rest(): void {
    this.#waiting = undefined;
  }

  /**
   * `what`: names the state that waits. Milliseconds until it may be taken in, if it stays as it is; 0: now. `isBusy`: an earlier change is under
   * way, and what never rests waits for its end.
   */
  leftMs(what: string, settleMs: number, isBusy: boolean): number {
    const now = this.#clock.now();
    const before = this.#waiting;
    const changedAt = before?.what === what ? before.changedAt : now;
    const beganAt = before?.beganAt ?? now;
    this.#waiting = { what, beganAt, changedAt };
    const left = changedAt + settleMs - now;
    const leftOfPatience = isBusy ? left : beganAt + settleMs * PATIENCE - now;
    return Math.max(0, Math.min(left, leftOfPatience));
  }
}
