import type { Path } from "../../store/store.ts";

/**
 * Read-change-write of one Object happens in turns. Reads show only what is durable, so without turns two unconditional writers would
 * both start from the same revision, and the second could only spin until the first is on disk.
 */
export class Turns {
  readonly #last = new Map<Path, Promise<unknown>>();

  /** Runs `work` after everything that took a turn on this path before; its failure is its own. */
  async take<T>(path: Path, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(path);
    const turn = before ? before.then(work, work) : work();
    this.#last.set(path, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(path) === turn) this.#last.delete(path);
    }
  }
}
