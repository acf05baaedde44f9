import type { Clock } from "../../../lib/clock.ts";

/**
 * How long ago a timestamp on an Object was. The wall clock is read once for each timestamp, and the monotonic clock counts from there: a
 * change of the wall clock changes no wait (P8).
 */
export class MonotonicAge {
  readonly #clock: Clock;
  readonly #began = new Map<string, { timestamp: string; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since `timestamp` (RFC 3339) of the thing called `id`; never negative. */
  since(id: string, timestamp: string): number {
    const now = this.#clock.now();
    const known = this.#began.get(id);
    if (known?.timestamp === timestamp) return now - known.at;
    const ago = Math.max(0, this.#clock.wall().getTime() - Date.parse(timestamp)) || 0;
    this.#began.set(id, { timestamp, at: now - ago });
    return ago;
  }

  /** Forgets everything but these. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#began.keys()) if (!ids.has(id)) this.#began.delete(id);
  }
}
