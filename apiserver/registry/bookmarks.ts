import type { WatchEvent } from "../../api/client.ts";
import type { Clock } from "../../lib/clock.ts";
import type { StoreEvent } from "../../store/store.ts";

/** How often a quiet watcher that asked for bookmarks gets one; as in Kubernetes. */
export const BOOKMARK_MS = 60_000;

type Bookmark = Extract<WatchEvent, { type: "BOOKMARK" }>;
type Outcome = { result: IteratorResult<StoreEvent> } | { error: unknown };

/** Reads a watch of the Store, and when nothing comes for a minute says how far the Store has come: the reader can resume from there. */
export class BookmarkedEvents {
  readonly #events: AsyncIterator<StoreEvent>;
  readonly #clock: Clock;
  readonly #revision: () => number;
  #outcome: Outcome | undefined;
  #asked = false;
  #wake: () => void = () => {};

  constructor(events: AsyncIterator<StoreEvent>, clock: Clock, revision: () => number) {
    this.#events = events;
    this.#clock = clock;
    this.#revision = revision;
  }

  async next(): Promise<IteratorResult<StoreEvent | Bookmark>> {
    for (;;) {
      this.#ask();
      if (!this.#outcome) await this.#eventOrMinute();
      if (this.#outcome) return this.#take(this.#outcome);
      const resourceVersion = String(this.#revision());
      // An event of up to this revision has been handed over by the next turn of the loop; otherwise there was none.
      await new Promise((resolve) => setImmediate(resolve));
      if (!this.#outcome) return { done: false, value: { type: "BOOKMARK", resourceVersion } };
    }
  }

  async return(): Promise<void> {
    await this.#events.return?.();
  }

  /** One question and one listener per event, however many bookmarks go by before it comes. */
  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    const settle = (outcome: Outcome): void => {
      this.#outcome = outcome;
      this.#wake();
    };
    this.#events.next().then(
      (result) => settle({ result }),
      (error: unknown) => settle({ error }),
    );
  }

  #eventOrMinute(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(BOOKMARK_MS, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #take(outcome: Outcome): IteratorResult<StoreEvent> {
    this.#outcome = undefined;
    this.#asked = false;
    if ("error" in outcome) throw outcome.error;
    return outcome.result;
  }
}
