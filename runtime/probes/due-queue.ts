/** What waits for a moment. The queue keeps `position` up to date, so that leaving early is as cheap as coming. */
export interface Due {
  /** Milliseconds on the monotonic clock. */
  due: number;
  /** Index in the queue; -1 when not in it. Only the queue writes it. */
  position: number;
}

/** The earliest first, by a binary heap: one timer serves any number of waiting things. */
export class DueQueue<T extends Due> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest one, left where it is. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  /** Puts in, or moves to its new `due`. */
  put(item: T): void {
    this.delete(item);
    this.#place(item, this.#heap.length);
    this.#rise(item);
  }

  delete(item: T): void {
    const hole = item.position;
    if (hole < 0) return;
    item.position = -1;
    const last = this.#heap.pop() as T;
    if (last === item) return;
    this.#place(last, hole);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(item: T): void {
    while (item.position > 0) {
      const parent = this.#heap[(item.position - 1) >> 1] as T;
      if (parent.due <= item.due) return;
      this.#swap(parent, item);
    }
  }

  #sink(item: T): void {
    for (;;) {
      const left = this.#heap[item.position * 2 + 1];
      const right = this.#heap[item.position * 2 + 2];
      const child = left && right && right.due < left.due ? right : left;
      if (!child || child.due >= item.due) return;
      this.#swap(item, child);
    }
  }

  #swap(above: T, below: T): void {
    const position = above.position;
    this.#place(above, below.position);
    this.#place(below, position);
  }

  #place(item: T, position: number): void {
    this.#heap[position] = item;
    item.position = position;
  }
}
