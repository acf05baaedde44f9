import type { Clock, Timer } from "../../lib/clock.ts";

/** A change that takes longer, as a session does, is on the disk before it ends. */
const LATEST_MS = 20;

/**
 * A sync that all share who wait for one when it is begun: by the store, as it begins to commit what the lines tell of, so that the disk does both at once. A file system with a journal
 * would make two commits of its own, one after the other, of two syncs that begin apart.
 */
export class SharedSync {
  readonly #sync: () => Promise<void>;
  readonly #clock: Clock;
  #next: PromiseWithResolvers<void> | undefined;
  #latest: Timer | undefined;

  constructor(sync: () => Promise<void>, clock: Clock) {
    this.#sync = sync;
    this.#clock = clock;
  }

  /** Settles as the sync does that is begun next. */
  get next(): Promise<void> {
    this.#latest ??= this.#clock.after(LATEST_MS, () => this.begin());
    this.#next ??= Promise.withResolvers();
    return this.#next.promise;
  }

  /** Begins the one that is waited for; where `waited` is given, only when it is that. */
  begin(waited?: Promise<void>): void {
    const begun = this.#next;
    if (!begun || (waited && begun.promise !== waited)) return;
    this.#latest?.cancel();
    this.#latest = undefined;
    this.#next = undefined;
    this.#sync().then(begun.resolve, begun.reject);
  }
}
