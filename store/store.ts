import type { Stored } from "../api/object.ts";

/**
 * Remembers Objects. Promises, each in `test/store/contract.ts`:
 * - One revision for the whole store; every write takes the next one; it is never reused, over crashes and clock changes (P13).
 *   The store stamps it into `metadata.resourceVersion` of what it keeps.
 * - A write resolves only when it is durable (P10); a write that rejected is wholly absent after reopening (P11).
 * - `create` of a path that exists rejects `AlreadyExists`; `update` and `delete` compare and swap on the revision read: of two
 *   conflicting writers exactly one wins, the other rejects `Conflict` (P15); a missing path rejects `NotFound`.
 * - Reads come from memory, and show only what is durable. Objects are frozen and shared: nobody changes what they were given.
 * - Age, number and bytes bound how far back watches, continued lists and lists at a revision reach. Paths that are kept apart have a history of
 *   their own, so a flood of one kind does not push out the history of another; and a kind reaches back, without end, to the newest change of its
 *   own that was forgotten. A continued list from before rejects `Expired` with a token that goes on at the same place.
 * - A watch shows every event after its revision, in order, without gap or duplicate (P14). The Store ends a watcher that falls behind by more than
 *   the configured buffer with `Expired`, and does not buffer for ever (P17).
 * - After a failed write to disk the Store acknowledges nothing any more: `health` is not ok, and writes reject `ServiceUnavailable` (P10, P12). It
 *   tries a disk again that was merely full; everything else needs a restart, since nobody knows what has reached the disk.
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
  /** Events from `after` on (exclusive; absent: from now). Throws `Expired` at once when that revision is compacted away or was never reached. Ends when the signal aborts. */
  watch(prefix: Path, options: { after?: number; signal: AbortSignal }): Watching<StoreEvent>;
  /** Forgets events up to and including this revision: watches and continued lists from before it reject `Expired`. */
  compact(revision: number): void;
  /**
   * Resolves when reads show everything up to this revision (absent: everything that was accepted up to now) and every watch has been given it. Rejects
   * `ServiceUnavailable` when that will not come, `Timeout` for a revision that nobody has written.
   */
  caughtUp(revision?: number): Promise<void>;
  close(): Promise<void>;
}

/** What a watch shows, one after the other. */
export interface Watching<T> extends AsyncIterableIterator<T> {
  /** The next one if it is there already, for who comes by when he has time for more than one. Not while a `next()` waits. */
  nextNow(): T | undefined;
  /** Calls the listener, maybe more than once, when `nextNow` may find something or `next` has the end; at once when that is so already. Not while a `next()` waits. */
  whenMore(listener: () => void): void;
  return(): Promise<IteratorResult<never>>;
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
  /** The revision to show, of a list without a token. Throws `Expired` when it was forgotten, `Timeout` when nobody has written it. */
  at?: number;
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

/** `partial`: the store cannot show all that was written, so nobody may call missing what it does not show (P12). */
export type StoreHealth = { ok: true } | { ok: false; reason: string; message: string; partial?: true };
