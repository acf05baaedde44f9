import type { Version } from "../journal.ts";
import type { StoreHealth } from "../store.ts";

/** What the main thread may ask of `sqlite-worker.ts`, one at a time; every question gets one `Answer`. */
export interface Questions {
  /** Opens for reading and examines the file; makes it when there is none. */
  open(file: string): Opened;
  /** The next versions, by revision; empty when there are no more. */
  read(): Version[];
  /** After everything was read: the verdict. When that is ok, the store is open for writing. */
  begin(): Opened;
  commit(transaction: Transaction): void;
  /** Is there room again? */
  probe(): void;
  /** As they lie on disk: the next versions after this revision whose path begins with the prefix; empty when there are no more. */
  stored(prefix: string, after: number): Version[];
  /** One transaction that writes these versions anew in their places. What is not there any more is left out. */
  replace(versions: Version[]): void;
  /** Makes an older file one of this format, once everything in it was written anew. Returns what went wrong, which does not harm the store. */
  scrub(): string | undefined;
  /** Writes a consistent copy, which must not exist yet. Returns what went wrong, which does not harm the store. */
  backup(file: string): string | undefined;
  close(): void;
}

export interface Opened {
  revision: number;
  compacted: number;
  health: StoreHealth;
  /** Free space in the file may hold what was overwritten: it wants a `scrub`. */
  unscrubbed: boolean;
}

export interface Transaction {
  revision: number;
  compacted: number;
  versions: Version[];
  /** Revisions of versions that nobody needs any more. */
  drop: number[];
}

export type Question = { [Q in keyof Questions]: { ask: Q; with: Parameters<Questions[Q]> } }[keyof Questions];
export type Answer = { ok: true; value: unknown } | Broken;
/** An answer, or on its own between two questions. After it nothing succeeds any more, unless the store is only full. */
export type Broken = { ok: false; unasked?: true; health: StoreHealth & { ok: false }; cause: string };
