import type { Clock } from "../../lib/clock.ts";
import { TokenBucket, type TokenBucketOptions } from "../../lib/token-bucket.ts";
import { RequestRate } from "../http/request-rate.ts";

export interface RefusalRates {
  /** Of one asker. */
  each: TokenBucketOptions;
  /** Of all together. */
  all: TokenBucketOptions;
}

/** How many refusals are written down one by one. Whoever only knocks could fill the disk otherwise, and push out what others were refused. */
export class RefusalBudget {
  readonly #each: RequestRate;
  readonly #all: TokenBucket;

  constructor({ each, all }: RefusalRates, clock: Clock) {
    this.#each = new RequestRate({ requestBurst: each.burst, requestsPerSecond: 1000 / each.refillMs }, clock);
    this.#all = new TokenBucket(clock, all);
  }

  /** False: it is only counted. Nobody is remembered whose line would not be written anyway, so memory is bounded by `all`. */
  allows(asker: string): boolean {
    return !this.#all.isEmpty && this.#each.allows(asker) && this.#all.tryTake();
  }

  /** For the line that tells of those which were only counted. */
  allowsOne(): boolean {
    return this.#all.tryTake();
  }
}
