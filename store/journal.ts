import type { Sizes } from "./history/sizes.ts";
import type { StoreEvent, StoreHealth } from "./store.ts";

/** Makes batches durable, one after the other. `journaled-store.ts` decides what to write; a Journal only remembers it. */
export interface Journal {
  /**
   * Resolves when the whole batch is durable. Rejects with a `JournalError` when that is not certain; then it accepts nothing more, or, when the error
   * `mayPass`, nothing until `probe` has resolved. The caller waits for it before it calls again.
   */
  commit(batch: Batch): Promise<void>;
  /** After an error that may pass: resolves when it has passed, else rejects with a `JournalError` as `commit` does. */
  probe?(): Promise<void>;
  /** The Journal calls it when it breaks between commits. */
  onBroken?: (error: JournalError) => void;
  close(): Promise<void>;
}

/** One transaction: all of it or none. */
export interface Batch {
  /** In revision order, never empty. */
  events: StoreEvent[];
  /** Events that nobody can ask for any more; their `previous` versions may go. */
  forgotten: StoreEvent[];
  /** `Histories.compacted` after this batch. */
  compacted: number;
  /** A Journal that makes JSON notes its length here, so that nobody makes it again to measure it. */
  sizes?: Sizes;
}

export class JournalError extends Error {
  override readonly name = "JournalError";
  readonly health: StoreHealth & { ok: false };
  /** The events of the batch up to this revision are durable all the same. If the error `mayPass`, the others left no trace. */
  durable?: number;

  constructor(health: StoreHealth & { ok: false }, cause?: unknown) {
    super(health.message, { cause });
    this.health = health;
  }

  /** There was no space: the Journal undid what failed, and is sound itself. */
  get mayPass(): boolean {
    return this.health.reason === "StoreFull";
  }
}

/** What a Journal brought back. */
export interface Recovered {
  revision: number;
  compacted: number;
  health: StoreHealth;
  /** In revision order: the current versions, and those that events after `compacted` replaced. `json` null: deleted. */
  versions: AsyncIterable<Version[]> | Iterable<Version[]>;
}

export type Version = [revision: number, path: string, json: string | null];

/** Keeps nothing: what it is given ends with the process. */
export const noJournal: Journal = {
  commit: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
