import { StatusError, tooLargeRevision } from "../api/errors.ts";
import type { Stored } from "../api/object.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { type Decide, decideCreate, decideDelete, decideUpdate } from "./decide-write.ts";
import { type Batch, type Journal, JournalError } from "./journal.ts";
import { CommittedView, type ReadingOptions } from "./reading/committed-view.ts";
import type { Contents } from "./recover.ts";
import type {
  Path,
  Store,
  StoreEvent,
  StoreHealth,
  StoreList,
  StoreListOptions,
  Unstamped,
  Watching,
} from "./store.ts";
import { Waiters } from "./waiters.ts";

export interface StoreOptions extends ReadingOptions {
  logger: Logger;
}

interface Write {
  event: StoreEvent;
  resolve(object: Stored): void;
  reject(error: Error): void;
}

/** Enough to share an fsync widely, little enough that one transaction stays short. */
const LARGEST_BATCH = 512;
const SLOW_COMMIT_MS = 1_000;
/** How often a full store tries again. */
const PROBE_MS = 1_000;

/**
 * The Store on top of a Journal. It accepts a write on the main thread, by compare-and-swap against the newest accepted version of its path (its
 * head). The write waits in a queue; whatever waits goes to the Journal as one batch. When the batch is durable, the Store publishes it to readers
 * and watchers in revision order and acknowledges it. So readers never see what could still be lost, and concurrent writers share one fsync.
 */
export class JournaledStore implements Store {
  /** Called when a batch is on its way to the disk. */
  onCommit?: () => void;
  readonly #journal: Journal;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #committed: CommittedView;
  readonly #heads = new Map<Path, StoreEvent>();
  readonly #waiters = new Waiters();
  #queue: Write[] = [];
  #committing: Write[] = [];
  #flushing: Promise<void> | undefined;
  #forgotten: StoreEvent[];
  #accepted: number;
  #health: StoreHealth;
  #closed = false;
  #commits = 0;
  #probing: Timer | undefined;

  constructor(journal: Journal, contents: Contents, health: StoreHealth, options: StoreOptions) {
    this.#journal = journal;
    this.#logger = options.logger;
    this.#clock = options.clock;
    this.#committed = new CommittedView(contents, options);
    this.#forgotten = this.#committed.trim();
    this.#accepted = contents.revision;
    this.#health = health;
    journal.onBroken = (error) => this.#fail(error);
  }

  get revision(): number {
    return this.#committed.revision;
  }

  get health(): StoreHealth {
    return this.#health;
  }

  /** For metrics: transactions since opening (each is one fsync), writes not yet durable, open watches, bytes of JSON in the history. */
  get statistics(): { commits: number; pending: number; watchers: number; historyBytes: number } {
    return { ...this.#committed.statistics, commits: this.#commits, pending: this.#pending };
  }

  get(path: Path): Stored | undefined {
    return this.#committed.get(path);
  }

  list(prefix: Path, options?: StoreListOptions): StoreList {
    return this.#committed.list(prefix, options);
  }

  create(path: Path, object: Unstamped): Promise<Stored> {
    return this.#write(path, decideCreate(path, object));
  }

  update(path: Path, object: Unstamped, expected: number): Promise<Stored> {
    return this.#write(path, decideUpdate(path, object, expected));
  }

  delete(path: Path, expected: number): Promise<Stored> {
    return this.#write(path, decideDelete(path, expected));
  }

  watch(prefix: Path, options: { after?: number; signal: AbortSignal }): Watching<StoreEvent> {
    if (this.#closed) throw unavailable("the store is closed");
    return this.#committed.watch(prefix, options);
  }

  compact(revision: number): void {
    this.#forgotten.push(...this.#committed.compact(revision));
  }

  caughtUp(revision = this.#accepted): Promise<void> {
    if (revision > this.#accepted) return Promise.reject(tooLargeRevision(revision, this.revision));
    if (revision <= this.revision) return Promise.resolve();
    if (!this.#health.ok) return Promise.reject(unavailable(this.#health.message));
    // The revisions in between were refused; nobody will be told of them.
    return this.#pending === 0 ? Promise.resolve() : this.#waiters.wait(revision);
  }

  /** Waits for the writes that were accepted, then ends the watches. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#probing?.cancel();
    await this.#flushing;
    this.#committed.close();
    await this.#journal.close();
  }

  get #pending(): number {
    return this.#queue.length + this.#committing.length;
  }

  #write(path: Path, decide: Decide): Promise<Stored> {
    return new Promise((resolve, reject) => {
      this.#refuseUnlessWritable();
      const pending = this.#heads.get(path);
      const head = pending ? objectAfter(pending) : this.get(path);
      const event = decide(head, this.#accepted + 1);
      this.#accepted = event.revision;
      this.#heads.set(path, event);
      this.#queue.push({ event, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  #refuseUnlessWritable(): void {
    if (this.#closed) throw unavailable("the store is closed");
    if (!this.#health.ok) throw unavailable(this.#health.message);
  }

  /** Commits until nothing waits. It begins after the current turn of the event loop, so that writers of the same turn share a batch. */
  async #flush(): Promise<void> {
    await Promise.resolve();
    while (this.#queue.length > 0 && this.#health.ok) await this.#commitNext();
    this.#flushing = undefined;
  }

  async #commitNext(): Promise<void> {
    const writes = this.#queue.splice(0, LARGEST_BATCH);
    this.#committing = writes;
    const began = this.#clock.now();
    const batch = {
      events: writes.map((write) => write.event),
      forgotten: this.#forgotten.splice(0),
      compacted: this.#committed.compacted,
      sizes: this.#committed.sizes,
    };
    try {
      const committed = this.#journal.commit(batch);
      this.onCommit?.();
      await committed;
    } catch (error) {
      return this.#failBatch(batch, asJournalError(error));
    }
    this.#committing = [];
    this.#commits += 1;
    this.#noteSlowness(this.#clock.now() - began, writes.length);
    for (const write of writes) this.#publish(write);
    this.#tellWaiters();
    this.#forgotten.push(...this.#committed.trim());
  }

  #publish({ event, resolve }: Write): void {
    if (this.#heads.get(event.path) === event) this.#heads.delete(event.path);
    this.#committed.publish(event);
    resolve(event.object);
  }

  /** Publishes the part of the batch that is durable: a store that recovers must not show less than it holds. */
  #failBatch({ forgotten }: Batch, error: JournalError): void {
    const { durable } = error;
    const writes = this.#committing.splice(0);
    const isDurable = ({ event }: Write): boolean => durable !== undefined && event.revision <= durable;
    for (const write of writes.filter(isDurable)) this.#publish(write);
    if (durable === undefined) this.#forgotten.unshift(...forgotten);
    this.#fail(
      error,
      writes.filter((write) => !isDurable(write)),
    );
  }

  /**
   * The next opening decides what became of the writes in doubt. Until then, or until a full disk has room, the store acknowledges nothing more. A
   * batch that is in flight meanwhile gets its own answer.
   */
  #fail(error: JournalError, inDoubt: readonly Write[] = []): void {
    const isFirst = this.#health.ok;
    if (isFirst) {
      this.#health = error.health;
      this.#logger.error("the store refuses writes from now on", {
        ...error.health,
        error: String(error.cause ?? error),
      });
    }
    this.#heads.clear();
    for (const write of [...inDoubt, ...this.#queue.splice(0)]) write.reject(unavailable(error.health.message, error));
    this.#tellWaiters();
    if (isFirst && error.mayPass) this.#probeLater();
  }

  /** Refused writes will not come. */
  #tellWaiters(): void {
    this.#waiters.reached(this.revision);
    if (!this.#health.ok && this.#committing.length === 0) this.#waiters.rejectAll(unavailable(this.#health.message));
  }

  #probeLater(): void {
    if (!this.#closed) this.#probing = this.#clock.after(PROBE_MS, () => void this.#probe());
  }

  /** Does not use the revisions of refused writes again (P13). */
  async #probe(): Promise<void> {
    try {
      await this.#journal.probe?.();
    } catch (error) {
      const { health, mayPass } = asJournalError(error);
      this.#health = health;
      if (mayPass) this.#probeLater();
      else this.#logger.error("the store does not recover", { ...health });
      return;
    }
    this.#health = { ok: true };
    this.#logger.info("the store takes writes again");
  }

  #noteSlowness(tookMs: number, writes: number): void {
    if (tookMs < SLOW_COMMIT_MS) return;
    this.#logger.warn("the disk is slow: a commit took long", { milliseconds: Math.round(tookMs), writes });
  }
}

const objectAfter = (event: StoreEvent): Stored | undefined => (event.type === "DELETED" ? undefined : event.object);

const unavailable = (message: string, cause?: unknown): StatusError =>
  new StatusError("ServiceUnavailable", message, { cause });

const asJournalError = (error: unknown): JournalError =>
  error instanceof JournalError
    ? error
    : new JournalError({ ok: false, reason: "StoreFailed", message: `a write failed: ${error}` }, error);
