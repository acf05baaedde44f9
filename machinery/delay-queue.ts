import type { Clock, Timer } from "../lib/clock.ts";

interface Entry<K> {
  key: K;
  due: number;
  order: number;
}

const before = (a: Entry<unknown>, b: Entry<unknown>): boolean =>
  a.due < b.due || (a.due === b.due && a.order < b.order);

/** Keys that become due later: a binary heap and one timer, whatever their number. Of two delays of one key the sooner counts. */
export class DelayQueue<K> {
  readonly #clock: Clock;
  readonly #due: (key: K) => void;
  readonly #heap: Entry<K>[] = [];
  /** The valid entry of each key; heap entries that are not here were overtaken by a sooner one. */
  readonly #valid = new Map<K, Entry<K>>();
  #order = 0;
  #timer: { timer: Timer; due: number } | undefined;

  constructor(clock: Clock, due: (key: K) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  add(key: K, ms: number): void {
    const entry = { key, due: this.#clock.now() + ms, order: this.#order++ };
    const known = this.#valid.get(key);
    if (known && known.due <= entry.due) return;
    this.#valid.set(key, entry);
    this.#push(entry);
    this.#arm();
  }

  clear(): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#heap.length = 0;
    this.#valid.clear();
  }

  #arm(): void {
    const first = this.#heap[0];
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
    // A timer may fire a fraction of a millisecond early; that close is due.
    while (this.#heap[0] && this.#heap[0].due <= now + 1) {
      const entry = this.#pop();
      if (this.#valid.get(entry.key) !== entry) continue;
      this.#valid.delete(entry.key);
      ready.push(entry.key);
    }
    this.#arm();
    for (const key of ready) this.#due(key);
  }

  #push(entry: Entry<K>): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry<K> {
    const heap = this.#heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (before(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
