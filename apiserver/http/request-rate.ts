import type { Clock } from "../../lib/clock.ts";

export interface Rate {
  /** In the long run. */
  requestsPerSecond: number;
  /** At once, by who has rested. */
  requestBurst: number;
}

/** So many users are remembered before those who have rested are forgotten. */
const MOST_REMEMBERED = 1_000;

/** How fast each user asks. One number for each who asked lately (the generic cell rate algorithm). */
export class RequestRate {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  /** The moment, on the monotonic clock, at which the user will have rested from all that he has asked. */
  readonly #restedAt = new Map<string, number>();

  constructor({ requestsPerSecond, requestBurst }: Rate, clock: Clock) {
    this.#clock = clock;
    this.#intervalMs = 1000 / requestsPerSecond;
    this.#toleranceMs = requestBurst * this.#intervalMs;
  }

  /** False: too fast. What is refused does not count. */
  allows(user: string): boolean {
    const now = this.#clock.now();
    const restedAt = Math.max(now, this.#restedAt.get(user) ?? now) + this.#intervalMs;
    if (restedAt - now > this.#toleranceMs) return false;
    this.#restedAt.set(user, restedAt);
    if (this.#restedAt.size > MOST_REMEMBERED) this.#forget(now);
    return true;
  }

  get size(): number {
    return this.#restedAt.size;
  }

  #forget(now: number): void {
    for (const [user, restedAt] of this.#restedAt) if (restedAt <= now) this.#restedAt.delete(user);
  }
}
