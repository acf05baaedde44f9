import type { Watching } from "../../store/store.ts";

/** A watch as somebody else sees it: `shown` undefined leaves an event out. By hand, as each event of a busy kind comes by here for each of its watchers. */
export class MappedWatch<From, To extends object> implements Watching<To> {
  readonly #events: Watching<From>;
  readonly #shown: (event: From) => To | undefined;

  constructor(events: Watching<From>, shown: (event: From) => To | undefined) {
    this.#events = events;
    this.#shown = shown;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<To>> {
    for (;;) {
      const result = await this.#events.next();
      if (result.done) return { done: true, value: undefined };
      const shown = this.#shown(result.value);
      if (shown) return { done: false, value: shown };
    }
  }

  nextNow(): To | undefined {
    for (let event = this.#events.nextNow(); event !== undefined; event = this.#events.nextNow()) {
      const shown = this.#shown(event);
      if (shown) return shown;
    }
    return undefined;
  }

  whenMore(listener: () => void): void {
    this.#events.whenMore(listener);
  }

  return(): Promise<IteratorResult<never>> {
    return this.#events.return();
  }
}
