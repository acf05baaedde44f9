/** One piece of work at a time for each key; those of one key run in the order they came, those of different keys at once. */
export class KeyedMutex<K> {
  /** The newest work of each key that has unfinished work. */
  readonly #last = new Map<K, Promise<unknown>>();

  /** Runs `work` after all that came for this key before, whatever became of it. Resolves and rejects as `work` does. */
  async run<T>(key: K, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const turn = before === undefined ? work() : before.then(work, work);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
