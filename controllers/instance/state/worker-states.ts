import { isCrashLooping } from "../../../api/health/crash-loop.ts";
import { type Key, keyOf, type Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { WorkerState } from "./worker-state.ts";

interface Entry {
  uid: string;
  worker: WorkerState;
  /** Monotonic ms at which its end was first seen to be wanted. */
  endingSince?: number;
}

/**
 * The worker state of each Instance. It needs no lock, for a key is reconciled by one worker at a time; and since the uid is kept with it, an
 * Instance never finds what was remembered of an earlier one of its name.
 */
export class WorkerStates {
  readonly #entries = new Map<Key, Entry>();

  /** How many Instances something is remembered of (P19). */
  get size(): number {
    return this.#entries.size;
  }

  get(instance: Stored<Instance>): WorkerState | undefined {
    return this.#entryOf(instance)?.worker;
  }

  set(instance: Stored<Instance>, worker: WorkerState): void {
    const { uid } = instance.metadata;
    this.#entries.set(keyOf(instance), { ...this.#entryOf(instance), uid, worker });
  }

  /** Only for an Instance that is remembered: nothing is kept of any other. */
  update(instance: Stored<Instance>, change: (worker: WorkerState) => WorkerState): void {
    const worker = this.get(instance);
    if (worker) this.set(instance, change(worker));
  }

  isCrashLooping(key: Key): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && isCrashLooping(entry.worker);
  }

  /** Milliseconds since this was first asked of an Instance that is remembered. */
  endingFor(instance: Stored<Instance>, now: number): number {
    const entry = this.#entryOf(instance);
    if (!entry) return 0;
    entry.endingSince ??= now;
    return now - entry.endingSince;
  }

  /** Its end is not wanted, or no longer. */
  notEnding(instance: Stored<Instance>): void {
    delete this.#entryOf(instance)?.endingSince;
  }

  forget(key: Key): void {
    this.#entries.delete(key);
  }

  #entryOf(instance: Stored<Instance>): Entry | undefined {
    const entry = this.#entries.get(keyOf(instance));
    return entry?.uid === instance.metadata.uid ? entry : undefined;
  }
}
