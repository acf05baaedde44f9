import type { Key } from "../../../api/object.ts";
import type { WorkerState } from "./worker-state.ts";

interface Entry {
  uid: string;
  worker: WorkerState;
  /** Monotonic ms at which its end was first seen to be wanted. */
  endingSince?: number;
}

/**
 * What the agent remembers of each Instance, by its key: reconciling is serial per key, so it needs no lock, and the next Instance of that
 * name can never find what was remembered of the one before.
 */
export class WorkerStates {
  readonly #entries = new Map<Key, Entry>();

  /** How many Instances something is remembered of (P19). */
  get size(): number {
    return this.#entries.size;
  }

  get(key: Key, uid: string): WorkerState | undefined {
    const entry = this.#entries.get(key);
    return entry?.uid === uid ? entry.worker : undefined;
  }

  set(key: Key, uid: string, worker: WorkerState): void {
    const entry = this.#entries.get(key);
    this.#entries.set(key, entry?.uid === uid ? { ...entry, worker } : { uid, worker });
  }

  /** Of an Instance that is remembered; of any other nothing is kept. */
  update(key: Key, uid: string, change: (worker: WorkerState) => WorkerState): void {
    const worker = this.get(key, uid);
    if (worker) this.set(key, uid, change(worker));
  }

  /** Milliseconds since this was first asked of an Instance that is remembered. */
  endingFor(key: Key, now: number): number {
    const entry = this.#entries.get(key);
    if (!entry) return 0;
    entry.endingSince ??= now;
    return now - entry.endingSince;
  }

  forget(key: Key): void {
    this.#entries.delete(key);
  }
}
