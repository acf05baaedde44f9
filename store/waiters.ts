interface Waiter {
  revision: number;
  resolve(): void;
  reject(error: Error): void;
}

/** Callers that wait until watchers have been told of a revision. */
export class Waiters {
  /** Sorted by revision. Almost always few, and mostly added in order. */
  #waiting: Waiter[] = [];

  wait(revision: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const at = this.#waiting.findLastIndex((other) => other.revision <= revision) + 1;
      this.#waiting.splice(at, 0, { revision, resolve, reject });
    });
  }

  reached(revision: number): void {
    const index = this.#waiting.findIndex((waiter) => waiter.revision > revision);
    for (const waiter of this.#waiting.splice(0, index < 0 ? this.#waiting.length : index)) waiter.resolve();
  }

  /** Their revisions will not come. */
  rejectAll(error: Error): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }
}
