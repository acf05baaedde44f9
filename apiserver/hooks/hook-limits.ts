import { tooManyRequests } from "../../api/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { isFairShare } from "../../lib/fair-share.ts";
import { TokenBucket } from "../../lib/token-bucket.ts";
import { RequestRate } from "../http/request-rate.ts";

/** Each in flight may keep a body of 1 MiB. */
const MOST_IN_FLIGHT = 32;
/** Of one address, for one source: it must not keep others from that source with bodies that never end. */
const MOST_OF_SOURCE = 4;
/** Of whoever asks. One push may be told to each of a few hundred sources. */
const OF_ALL = { burst: 500, refillMs: 20 };
const OF_PEER = { requestBurst: 250, requestsPerSecond: 10 };
/** Of deliveries that were signed. */
const OF_SOURCE = { requestBurst: 20, requestsPerSecond: 1 };

/**
 * How many deliveries come at once, and how fast. Nobody has shown a credential yet: so one address takes half of what others leave, and only what was signed counts
 * against the rate of a source, or a stranger could use it up.
 */
export class HookLimits {
  readonly #all: TokenBucket;
  readonly #peers: RequestRate;
  readonly #sources: RequestRate;
  readonly #ofPeers = new InFlight();
  readonly #ofPeersForSources = new InFlight();

  constructor(clock: Clock) {
    this.#all = new TokenBucket(clock, OF_ALL);
    this.#peers = new RequestRate(OF_PEER, clock);
    this.#sources = new RequestRate(OF_SOURCE, clock);
  }

  /** Whether there is such a source or not. Returns a function that gives the place back, to be called once. Throws TooManyRequests. */
  enter(peer: string, source: string): () => void {
    const isFair = isFairShare(this.#ofPeers.of(peer), this.#ofPeers.all, MOST_IN_FLIGHT);
    const both = `${peer} ${source}`;
    const hasRoom = isFair && this.#ofPeersForSources.of(both) < MOST_OF_SOURCE;
    // Nobody is remembered whom all together have left nothing.
    if (!hasRoom || this.#all.isEmpty || !this.#peers.allows(peer) || !this.#all.tryTake()) throw tooManyRequests();
    const leaves = [this.#ofPeers.enter(peer), this.#ofPeersForSources.enter(both)];
    return () => {
      for (const leave of leaves) leave();
    };
  }

  /** Of a delivery that was signed. Throws TooManyRequests. */
  accept(source: string): void {
    if (!this.#sources.allows(source)) throw tooManyRequests();
  }
}

class InFlight {
  readonly #counts = new Map<string, number>();
  all = 0;

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  enter(key: string): () => void {
    this.#counts.set(key, this.of(key) + 1);
    this.all++;
    return () => {
      const left = this.of(key) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
      this.all--;
    };
  }
}
