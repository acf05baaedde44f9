import { lowerBound } from "./lower-bound.ts";
import type { StoreEvent } from "./store.ts";

/**
 * The newest events, oldest first: what watches resume from and what lists at an older revision are made of. It holds at least `limit` and at
 * most an eighth more, so that forgetting happens in groups: in memory one move of the array, on disk neighbouring rows.
 */
export class History {
  readonly #limit: number;
  readonly #events: StoreEvent[];
  #compacted: number;

  /** `events` are all after `compacted`, in order. */
  constructor(limit: number, compacted: number, events: StoreEvent[] = []) {
    this.#limit = limit;
    this.#compacted = compacted;
    this.#events = events;
  }

  /** Every event after this revision is here; what happened up to it is forgotten. */
  get compacted(): number {
    return this.#compacted;
  }

  push(event: StoreEvent): void {
    this.#events.push(event);
  }

  after(revision: number): StoreEvent[] {
    return this.#events.slice(this.#firstAfter(revision));
  }

  /** Takes out what is beyond the limit, and returns it. */
  trim(): StoreEvent[] {
    if (this.#events.length <= this.#limit + (this.#limit >>> 3)) return [];
    return this.#forget(this.#events.length - this.#limit);
  }

  /** Takes out every event up to and including `revision`, and returns them. */
  compact(revision: number): StoreEvent[] {
    const forgotten = this.#forget(this.#firstAfter(revision));
    this.#compacted = Math.max(this.#compacted, revision);
    return forgotten;
  }

  #forget(count: number): StoreEvent[] {
    const forgotten = this.#events.splice(0, count);
    this.#compacted = forgotten.at(-1)?.revision ?? this.#compacted;
    return forgotten;
  }

  #firstAfter(revision: number): number {
    return lowerBound(this.#events.length, (at) => (this.#events[at] as StoreEvent).revision > revision);
  }
}
