import type { WatchEvent } from "../../api/client.ts";
import type { Clock, Timer } from "../../lib/clock.ts";
import type { StoreEvent, Watching } from "../../store/store.ts";

/** How often a watcher that asked for bookmarks gets one; as in Kubernetes. */
export const BOOKMARK_MS = 60_000;

type Outcome = { result: IteratorResult<StoreEvent> } | { error: unknown };
/** The event that a watcher is sent for a change; undefined when its selectors leave the change out. */
type ToWatchEvent = (event: StoreEvent) => WatchEvent | undefined;

/**
 * Reads a watch of the Store with the eyes of one watcher, and says every minute how far it has come: the reader can resume from there. It
 * says so on time to all, whether much happens, nothing, or only what the watcher does not see.
 */
export class BookmarkedEvents implements Watching<WatchEvent> {
  readonly #events: Watching<StoreEvent>;
  readonly #toWatchEvent: ToWatchEvent;
  readonly #clock: Clock;
  readonly #revision: () => number;
  #outcome: Outcome | undefined;
  #asked = false;
  #timer: Timer | undefined;
  #isDue = false;
  /** Revision of the last event since the last bookmark. */
  #passed: number | undefined;
  #wake: () => void = () => {};

  /** `revision`: of the Store. */
  constructor(events: Watching<StoreEvent>, toWatchEvent: ToWatchEvent, clock: Clock, revision: () => number) {
    this.#events = events;
    this.#toWatchEvent = toWatchEvent;
    this.#clock = clock;
    this.#revision = revision;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<WatchEvent>> {
    this.#timer ??= this.#startMinute();
    for (;;) {
      // Events come in order: a watcher that has passed one has passed all before it.
      if (this.#isDue && this.#passed !== undefined) return this.#bookmark(this.#passed);
      this.#ask();
      if (!this.#outcome) await this.#eventOrDue();
      if (!this.#outcome) {
        const revision = this.#revision();
        // An event of up to this revision has been handed over by the next turn of the loop; otherwise there was none.
        await new Promise((resolve) => setImmediate(resolve));
        if (!this.#outcome) return this.#bookmark(revision);
      }
      const result = this.#take(this.#outcome);
      if (result.done) return { done: true, value: undefined };
      this.#passed = result.value.revision;
      const event = this.#toWatchEvent(result.value);
      if (event) return { done: false, value: event };
    }
  }

  /** Nothing while a question is open, which has the next event, or a bookmark is due. */
  nextNow(): WatchEvent | undefined {
    if (this.#asked || this.#isDue) return undefined;
    for (let event = this.#events.nextNow(); event; event = this.#events.nextNow()) {
      this.#passed = event.revision;
      const shown = this.#toWatchEvent(event);
      if (shown) return shown;
    }
    return undefined;
  }

  whenMore(listener: () => void): void {
    this.#timer ??= this.#startMinute();
    this.#wake = listener;
    if (this.#isDue || this.#outcome) listener();
    else if (!this.#asked) this.#events.whenMore(listener);
  }

  return(): Promise<IteratorResult<never>> {
    this.#timer?.cancel();
    return this.#events.return();
  }

  #bookmark(revision: number): IteratorResult<WatchEvent> {
    this.#isDue = false;
    this.#passed = undefined;
    this.#timer = this.#startMinute();
    return { done: false, value: { type: "BOOKMARK", resourceVersion: String(revision) } };
  }

  #startMinute(): Timer {
    return this.#clock.after(BOOKMARK_MS, () => {
      this.#isDue = true;
      this.#wake();
    });
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

  #eventOrDue(): Promise<void> {
    if (this.#isDue) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #take(outcome: Outcome): IteratorResult<StoreEvent> {
    this.#outcome = undefined;
    this.#asked = false;
    if (!("error" in outcome)) return outcome.result;
    throw outcome.error;
  }
}
