import type { Clock } from "./clock.ts";

/** What never rests is taken in after so many times its settling time, once no rollout is under way any more. */
const PATIENCE = 10;

/** Since when a change of content waits. In memory: a daemon that begins anew waits anew. */
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
   * `what`: names the content that waits. Milliseconds until it may be taken in, if it stays as it is; 0: now. `isRolling`: a rollout is under way, and
   * content that never rests waits for its end.
   */
  leftMs(what: string, settleMs: number, isRolling: boolean): number {
    const now = this.#clock.now();
    const before = this.#waiting;
    const changedAt = before?.what === what ? before.changedAt : now;
    const beganAt = before?.beganAt ?? now;
    this.#waiting = { what, beganAt, changedAt };
    const left = changedAt + settleMs - now;
    const leftOfPatience = isRolling ? left : beganAt + settleMs * PATIENCE - now;
    return Math.max(0, Math.min(left, leftOfPatience));
  }
}
