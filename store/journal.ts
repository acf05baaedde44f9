import type { Sizes } from "./history/sizes.ts";
import type { StoreEvent, StoreHealth } from "./store.ts";

/** Makes batches durable, one after the other. `journaled-store.ts` decides what is written; a Journal only remembers. */
export interface Journal {
  /**
   * Resolves when all of it is durable; rejects with a `JournalError` when that is not certain, after which nothing more will be accepted;
   * or, when the error `mayPass`, nothing until `probe` resolved. Never called again before it settled.
   */
  commit(batch: Batch): Promise<void>;
  /** After an error that may pass: resolves when it has, rejects with a `JournalError` like that of `commit` when it has not. */
  probe?(): Promise<void>;
  /** Called when the Journal breaks between commits. */
  onBroken?: (error: JournalError) => void;
  close(): Promise<void>;
}

/** One transaction: all of it or none. */
export interface Batch {
  /** In revision order, never empty. */
  events: StoreEvent[];
  /** Events nobody can ask for any more; their `previous` versions may go. */
  forgotten: StoreEvent[];
  /** What `Histories.compacted` is after that. */
  compacted: number;
  /** A Journal that makes JSON notes here how long it is, so that nobody makes it again to know. */
  sizes?: Sizes;
}

export class JournalError extends Error {
  override readonly name = "JournalError";
  readonly health: StoreHealth & { ok: false };
  /** The first events of the batch, up to this revision, are durable all the same; the others left no trace, if the error `mayPass`. */
  durable?: number;

  constructor(health: StoreHealth & { ok: false }, cause?: unknown) {
    super(health.message, { cause });
    this.health = health;
  }

  /** For lack of space: what failed was undone, and the Journal itself is sound. */
  get mayPass(): boolean {
    return this.health.reason === "StoreFull";
  }
}

/** What a Journal brought back. */
export interface Recovered {
  revision: number;
  compacted: number;
  health: StoreHealth;
  /** Versions in revision order: the current ones, and those that events after `compacted` replaced. `json` null: deleted. */
  versions: AsyncIterable<Version[]> | Iterable<Version[]>;
}

export type Version = [revision: number, path: string, json: string | null];

/** Forgets everything with the process. */
export const noJournal: Journal = {
  commit: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
