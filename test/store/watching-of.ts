import type { Watching } from "../../store/store.ts";

/** A watch that shows these events; `there` need not be waited for. */
export function watchingOf<T>(events: Pick<AsyncIterator<T>, "next" | "return">, there: T[] = []): Watching<T> {
  return {
    next: () => events.next(),
    nextNow: () => there.shift(),
    /** It does not know, so whoever waits is to ask. */
    whenMore: (listener) => listener(),
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
