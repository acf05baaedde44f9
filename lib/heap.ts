/** What stands in a Heap. The heap keeps `position` up to date, so that taking out of the middle is as cheap as putting in. */
export interface HeapItem {
  /** Index in the heap; -1 when not in it. Only the heap writes it. */
  position: number;
}

/** A binary heap: the item that comes before all others is at hand, and any can leave. put and delete are O(log size). */
export class Heap<T extends HeapItem> {
  readonly #before: (a: T, b: T) => boolean;
  readonly #items: T[] = [];

  /** `before`: a strict order. Who changes what it looks at calls `put` again. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Left where it is. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** Puts in, or moves to its new place. */
  put(item: T): void {
    if (item.position < 0) this.#place(item, this.#items.length);
    this.#rise(item);
    this.#sink(item);
  }

  /** Does nothing when it is not in. */
  delete(item: T): void {
    const hole = item.position;
    if (hole < 0) return;
    item.position = -1;
    const last = this.#items.pop() as T;
    if (last === item) return;
    this.#place(last, hole);
    this.#rise(last);
    this.#sink(last);
  }

  clear(): void {
    for (const item of this.#items.splice(0)) item.position = -1;
  }

  #rise(item: T): void {
    while (item.position > 0) {
      const parent = this.#items[(item.position - 1) >> 1] as T;
      if (!this.#before(item, parent)) return;
      this.#swap(parent, item);
    }
  }

  #sink(item: T): void {
    for (;;) {
      const left = this.#items[item.position * 2 + 1];
      const right = this.#items[item.position * 2 + 2];
      const child = left && right && this.#before(right, left) ? right : left;
      if (!child || !this.#before(child, item)) return;
      this.#swap(item, child);
    }
  }

  #swap(above: T, below: T): void {
    const position = above.position;
    this.#place(above, below.position);
    this.#place(below, position);
  }

  #place(item: T, position: number): void {
    this.#items[position] = item;
    item.position = position;
  }
}
