import type { Version } from "../journal.ts";
import type { StoreHealth } from "../store.ts";

/** What the main thread may ask of `sqlite-worker.ts`, one question at a time; each gets one `Answer`. */
export interface Questions {
  /** Opens the file for reading and examines it; makes it when there is none. */
  open(file: string): Opened;
  /** The next versions, by revision; empty when there are no more. */
  read(): Version[];
  /** The verdict, after everything was read. When it is ok, the store is open for writing. */
  begin(): Opened;
  commit(transaction: Transaction): void;
  /** Is there room again? */
  probe(): void;
  /** The next versions after this revision whose path begins with the prefix, as they lie on disk; empty when there are no more. */
  stored(prefix: string, after: number): Version[];
  /** Writes these versions anew in their places, in one transaction. Leaves out those that are not there any more. */
  replace(versions: Version[]): void;
  /** Makes an older file one of this format, once everything in it is written anew. Returns what went wrong; that does not harm the store. */
  scrub(): string | undefined;
  /** Writes a consistent copy to a file that must not exist yet. Returns what went wrong; that does not harm the store. */
  backup(file: string): string | undefined;
  close(): void;
}

export interface Opened {
  revision: number;
  compacted: number;
  health: StoreHealth;
  /** Free space in the file may still hold what was overwritten, so the file wants a `scrub`. */
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
/** An answer, or a message of its own between two questions (`unasked`). After it nothing succeeds any more, unless the store is only full. */
export type Broken = { ok: false; unasked?: true; health: StoreHealth & { ok: false }; cause: string };
