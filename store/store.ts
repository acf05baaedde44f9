import type { Stored } from "../api/object.ts";

/**
 * Remembers Objects. Promises, each in `test/store/contract.ts`:
 * - One revision for the whole store; every write takes the next one; it is never reused, over crashes and clock changes (P13).
 *   The store stamps it into `metadata.resourceVersion` of what it keeps.
 * - A write resolves only when it is durable (P10); a write that rejected is wholly absent after reopening (P11).
 * - `create` of a path that exists rejects `AlreadyExists`; `update` and `delete` compare and swap on the revision read: of two
 *   conflicting writers exactly one wins, the other rejects `Conflict` (P15); a missing path rejects `NotFound`.
 * - Reads come from memory, and show only what is durable. Objects are frozen and shared: nobody changes what they were given.
 * - How far back watches and continued lists reach is bounded by age, number and bytes; paths that are kept apart have a history of their own,
 *   so that a flood of the one makes nobody forget the other. A continued list from before rejects `Expired` with a token that goes on from there.
 * - A watch shows every event after its revision, in order, without gap or duplicate (P14); a watcher that falls more than
 *   the configured buffer behind is ended with `Expired`, not buffered for ever (P17).
 * - After a failed write to disk nothing is acknowledged any more: `health` turns degraded and writes reject `ServiceUnavailable` (P10, P12).
 *   A disk that was merely full is tried again; everything else needs a restart, since nobody knows what has reached the disk.
 */
export interface Store {
  /** The last durable revision. */
  readonly revision: number;
  readonly health: StoreHealth;
  get(path: Path): Stored | undefined;
  /** Objects whose path begins with `prefix`, by path (code unit order). */
  list(prefix: Path, options?: StoreListOptions): StoreList;
  create(path: Path, object: Unstamped): Promise<Stored>;
  update(path: Path, object: Unstamped, expected: number): Promise<Stored>;
  /** Resolves with the Object as it was, stamped with the revision of the deletion. */
  delete(path: Path, expected: number): Promise<Stored>;
  /** From `after` (exclusive; absent: from now). Throws `Expired` at once when that revision is compacted away, or was never reached. Ends when the signal aborts. */
  watch(prefix: Path, options: { after?: number; signal: AbortSignal }): AsyncIterable<StoreEvent>;
  /** Forgets events up to and including this revision: watches and continued lists from before it reject `Expired`. */
  compact(revision: number): void;
  /**
   * Resolves when everything up to this revision (absent: everything that was accepted up to now) has been told: reads show it, and every watch has
   * been given it. Rejects `ServiceUnavailable` when that does not come, `Timeout` for a revision that nobody has written.
   */
  caughtUp(revision?: number): Promise<void>;
  close(): Promise<void>;
}

/** `group/plural/namespace/name` (cluster-scoped: `group/plural//name`); the core group is `core`. */
export type Path = string;

export type Unstamped = Omit<Stored, "metadata"> & { metadata: Omit<Stored["metadata"], "resourceVersion"> };

export interface StoreListOptions {
  limit?: number;
  /**
   * Opaque token of an earlier page; carries the revision of the first page, and every page shows that revision. The one in an `Expired` error
   * goes on at the same place with what there is now.
   */
  continue?: string;
}

export interface StoreList {
  items: Stored[];
  revision: number;
  continue?: string;
  remaining?: number;
}

export interface StoreEvent {
  type: "ADDED" | "MODIFIED" | "DELETED";
  revision: number;
  path: Path;
  object: Stored;
  /** The Object before this event; absent for ADDED. Selectors need it to turn a change into ADDED or DELETED. */
  previous?: Stored;
}

/** `partial`: not all that was written can be shown, so what is not shown must not be called missing (P12). */
export type StoreHealth = { ok: true } | { ok: false; reason: string; message: string; partial?: true };
