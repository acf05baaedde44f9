import type { StoreEvent, StoreHealth } from "./store.ts";

/** Makes batches durable, one after the other. `journaled-store.ts` decides what is written; a Journal only remembers. */
export interface Journal {
  /**
   * Resolves when all of it is durable; rejects with a `JournalError` when that is not certain, after which nothing more will be accepted.
   * Never called again before it settled.
   */
  commit(batch: Batch): Promise<void>;
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
  /** What `History.compacted` is after that. */
  compacted: number;
}

export class JournalError extends Error {
  override readonly name = "JournalError";
  readonly health: StoreHealth & { ok: false };

  constructor(health: StoreHealth & { ok: false }, cause?: unknown) {
    super(health.message, { cause });
    this.health = health;
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
