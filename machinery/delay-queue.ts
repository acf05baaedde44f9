import type { Clock, Timer } from "../lib/clock.ts";
import { Heap, type HeapItem } from "../lib/heap.ts";

interface Entry<K> extends HeapItem {
  key: K;
  due: number;
  order: number;
}

const before = (a: Entry<unknown>, b: Entry<unknown>): boolean =>
  a.due < b.due || (a.due === b.due && a.order < b.order);

/** Keys that become due later, with one heap and one timer for all of them. Of two delays of one key the shorter counts. */
export class DelayQueue<K> {
  readonly #clock: Clock;
  readonly #due: (key: K) => void;
  readonly #heap = new Heap<Entry<K>>(before);
  readonly #entries = new Map<K, Entry<K>>();
  #order = 0;
  #timer: { timer: Timer; due: number } | undefined;

  constructor(clock: Clock, due: (key: K) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  add(key: K, ms: number): void {
    const due = this.#clock.now() + ms;
    const entry = this.#entries.get(key) ?? { key, due: Number.POSITIVE_INFINITY, order: 0, position: -1 };
    if (entry.due <= due) return;
    entry.due = due;
    entry.order = this.#order++;
    this.#entries.set(key, entry);
    this.#heap.put(entry);
    this.#arm();
  }

  /** It becomes due no more. The timer stays: one that finds nothing costs less than arming another for each key. */
  delete(key: K): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#heap.delete(entry);
  }

  clear(): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#heap.clear();
    this.#entries.clear();
  }

  #arm(): void {
    const { first } = this.#heap;
    if (this.#timer && first && this.#timer.due <= first.due) return;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    if (!first) return;
    const timer = this.#clock.after(Math.max(0, first.due - this.#clock.now()), () => this.#fire());
    this.#timer = { timer, due: first.due };
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    const ready: K[] = [];
    // A timer may fire a fraction of a millisecond early, so what is due within one counts as due.
    for (let { first } = this.#heap; first && first.due <= now + 1; { first } = this.#heap) {
      this.#heap.delete(first);
      this.#entries.delete(first.key);
      ready.push(first.key);
    }
    this.#arm();
    for (const key of ready) this.#due(key);
  }
}
