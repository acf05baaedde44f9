/** First in, first out, each key once; amortised constant time. */
export class Fifo<K> {
  #keys: K[] = [];
  /** Monotonic ms at which each came, in the same order. */
  #times: number[] = [];
  #head = 0;
  readonly #members = new Set<K>();

  get size(): number {
    return this.#members.size;
  }

  has(key: K): boolean {
    return this.#members.has(key);
  }

  push(key: K, now: number): void {
    this.#members.add(key);
    this.#keys.push(key);
    this.#times.push(now);
  }

  /** The key that came first, and when it came. */
  shift(): { key: K; since: number } | undefined {
    if (this.#head >= this.#keys.length) return undefined;
    const key = this.#keys[this.#head]!;
    const since = this.#times[this.#head]!;
    this.#head += 1;
    this.#members.delete(key);
    if (this.#head > 1024 && this.#head * 2 > this.#keys.length) {
      this.#keys = this.#keys.slice(this.#head);
      this.#times = this.#times.slice(this.#head);
      this.#head = 0;
    }
    return { key, since };
  }
}
