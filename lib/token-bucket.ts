import type { Clock } from "./clock.ts";

export interface TokenBucketOptions {
  /** So many tokens may be taken at once; the bucket begins full. */
  burst: number;
  /** One token comes back in this time. */
  refillMs: number;
}

/** A rate limiter: a short burst passes freely; in the long run one passes in each `refillMs`. On the monotonic clock. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #refillMs: number;
  #tokens: number;
  #refilledAtMs: number;

  constructor(clock: Clock, { burst, refillMs }: TokenBucketOptions) {
    this.#clock = clock;
    this.#burst = burst;
    this.#refillMs = refillMs;
    this.#tokens = burst;
    this.#refilledAtMs = clock.now();
  }

  get isEmpty(): boolean {
    this.#refill();
    return this.#tokens < 1;
  }

  /** Takes a token if there is one. */
  tryTake(): boolean {
    if (this.isEmpty) return false;
    this.#tokens -= 1;
    return true;
  }

  #refill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#refilledAtMs) / this.#refillMs);
    this.#refilledAtMs = now;
  }
}
