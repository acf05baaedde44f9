import { tooManyRequests } from "../../api/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { isFairShare } from "../../lib/fair-share.ts";
import { type Rate, RequestRate } from "./request-rate.ts";

/** How many requests one client, and all clients together, may have in flight, how fast one may ask, and how long a client may take to send one. */
export interface Limits extends Rate {
  /** Of all together: users have what strangers leave. */
  connections: number;
  /** Connections of all who have shown no credentials (yet). */
  strangers: number;
  connectionsPerUser: number;
  /** Short requests of one user in flight. */
  requestsPerUser: number;
  /** Watches and followed logs. */
  streamsPerUser: number;
  /** Of all users together; one takes half of what others leave at most. */
  streams: number;
  /** How long a client may take for the TLS handshake, to send its headers, to send a whole request (replies may stream on). */
  handshakeMs: number;
  headersMs: number;
  requestMs: number;
  /** How often the two above are checked. */
  checkMs: number;
  /** A connection of HTTP/2 on which nothing happens for so long is asked whether its client still is there; when it rests for twice as long, it is closed. */
  quietMs: number;
}

export const defaultLimits: Limits = {
  connections: 8192,
  strangers: 2048,
  connectionsPerUser: 5000,
  requestsPerUser: 400,
  streamsPerUser: 4000,
  streams: 8000,
  requestsPerSecond: 2_000, // Some twice of what 32 writers reach.
  requestBurst: 6_000,
  handshakeMs: 10_000,
  headersMs: 10_000,
  requestMs: 60_000,
  checkMs: 5_000,
  quietMs: 60_000, // Clients keep idle connections for 90 s (client-go), so that they close first.
};

type Caps = Pick<Limits, "requestsPerUser" | "streamsPerUser" | "streams"> & Rate;

/** Counts requests in flight, and how fast they come. */
export class RequestLimits {
  readonly #limits: Caps;
  readonly #rate: RequestRate;
  readonly #short = new Map<string, number>();
  readonly #long = new Map<string, number>();
  #streams = 0;

  constructor(limits: Caps, clock: Clock) {
    this.#limits = limits;
    this.#rate = new RequestRate(limits, clock);
  }

  /** Returns a function that releases the slot, to be called once. Throws TooManyRequests when the user, or the server, is at its limit, or he asks too fast. */
  enter(user: string, long: boolean): () => void {
    const counts = long ? this.#long : this.#short;
    const most = long ? this.#limits.streamsPerUser : this.#limits.requestsPerUser;
    const mine = counts.get(user) ?? 0;
    const isUnfair = long && !isFairShare(mine, this.#streams, this.#limits.streams);
    if (mine >= most || isUnfair || !this.#rate.allows(user)) throw tooManyRequests();
    counts.set(user, mine + 1);
    if (long) this.#streams++;
    return () => {
      const left = (counts.get(user) ?? 1) - 1;
      if (left > 0) counts.set(user, left);
      else counts.delete(user);
      if (long) this.#streams--;
    };
  }
}
