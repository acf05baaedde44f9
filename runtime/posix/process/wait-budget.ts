import { type Clock, systemClock } from "../../../lib/clock.ts";
import { TokenBucket } from "../../../lib/token-bucket.ts";

/** Milliseconds: 500 at once, and in the long run 50 in a second. */
const OF_ONE_USER = { burst: 500, refillMs: 20 };

/**
 * How long the daemon may wait for the processes of a user in the middle of an exec. Anybody can hold up his own there (by a file system of his own),
 * as many as he likes, and for ever. Each user has a budget of his own, so nobody uses up another's.
 */
export class WaitBudget {
  readonly #clock: Clock;
  readonly #buckets = new Map<number, TokenBucket>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Takes one millisecond; false when there is none. */
  take(user: number): boolean {
    const bucket = this.#buckets.get(user) ?? new TokenBucket(this.#clock, OF_ONE_USER);
    this.#buckets.set(user, bucket);
    return bucket.tryTake();
  }
}
