import type { Runtime, RuntimeEvent } from "../../runtime/runtime.ts";

/** Records the events of a runtime and lets a test wait for one. */
export class Observer {
  readonly events: RuntimeEvent[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(runtime: Runtime) {
    runtime.subscribe((event) => {
      this.events.push(event);
      for (const look of [...this.#waiting]) look();
    });
  }

  of(uid: string): RuntimeEvent[] {
    return this.events.filter((event) => event.uid === uid);
  }

  /** Resolves when this has been told, also in the past; rejects after ten seconds. */
  async saw<T extends RuntimeEvent["type"]>(
    type: T,
    uid: string,
    run?: number,
  ): Promise<Extract<RuntimeEvent, { type: T }>> {
    const find = (): RuntimeEvent | undefined =>
      this.events.find(
        (event) =>
          event.type === type && event.uid === uid && (run === undefined || ("run" in event && event.run === run)),
      );
    await until(
      () => find() !== undefined,
      (look) => {
        this.#waiting.add(look);
        return () => this.#waiting.delete(look);
      },
      `${type} of ${uid}`,
    );
    return find() as Extract<RuntimeEvent, { type: T }>;
  }
}

function until(holds: () => boolean, subscribe: (look: () => void) => () => void, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = subscribe(() => {
      if (holds()) finish(resolve);
    });
    const timeout = setTimeout(() => finish(() => reject(new Error(`not seen within 10 s: ${what}`))), 10_000);
    const finish = (then: () => void): void => {
      clearTimeout(timeout);
      stop();
      then();
    };
    if (holds()) finish(resolve);
  });
}

/** Waits for a condition of the outside world that tells nobody when it comes true. */
export async function eventually<T>(read: () => T | undefined | false, what: string, withinMs = 10_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = read();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`did not come true within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
