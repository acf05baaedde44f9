import type { Watching } from "../../store/store.ts";

/** A watch that shows these events; `there` need not be waited for. */
export function watchingOf<T>(events: Pick<AsyncIterator<T>, "next" | "return">, there: T[] = []): Watching<T> {
  return {
    next: () => events.next(),
    nextNow: () => there.shift(),
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
