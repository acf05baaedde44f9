import type { Logger } from "../../lib/logger.ts";
import { JournalError } from "../journal.ts";
import { JournaledStore, type StoreOptions } from "../journaled-store.ts";
import { type Contents, nothing, recover } from "../recover.ts";
import type { StoreHealth } from "../store.ts";
import type { Transformer } from "../transformer.ts";
import { damaged, unreadable } from "./errors.ts";
import type { Opened } from "./messages.ts";
import { SqliteJournal } from "./sqlite-journal.ts";

export interface SqliteStoreOptions extends StoreOptions {
  /** `store.id`, a `-wal` file and, at start, a `-shm` file live beside it. Its folder is made with mode 0700, the files with 0600. */
  file: string;
  /** A thread that is already starting; the store closes it. Default: a new one. */
  journal?: SqliteJournal;
  /** Changes records on their way to the disk. `open` writes those anew that it calls stale, and those that an earlier version wrote. */
  transformer?: Transformer;
}

/** The Store on disk: one SQLite file, written by a thread of its own. */
export class SqliteStore extends JournaledStore {
  #sqlite: SqliteJournal;

  private constructor(journal: SqliteJournal, contents: Contents, health: StoreHealth, options: StoreOptions) {
    super(journal, contents, health, options);
    this.#sqlite = journal;
  }

  /** Does not reject when something is wrong with the file: the store then shows what can be read, and `health` says why and what to do (P12). */
  static async open(given: SqliteStoreOptions): Promise<SqliteStore> {
    const { file, journal = new SqliteJournal(), transformer, ...options } = given;
    const contents = nothing();
    let health: StoreHealth = { ok: true };
    try {
      await recover(contents, await journal.open(file, transformer));
      const verdict = await journal.begin();
      health = verdict.health.ok ? await bringUpToDate(file, journal, verdict, options.logger) : verdict.health;
      if (!health.ok) forgetEvents(contents, verdict);
    } catch (error) {
      health = error instanceof JournalError ? error.health : damaged(file, [String(error)]);
    }
    if (!health.ok) health = { ...health, partial: true };
    if (!health.ok) options.logger.error("the store is open for reading only", { ...health });
    return new SqliteStore(journal, contents, health, options);
  }

  /** Writes every record anew that the Transformer calls stale. Resolves with how many; rejects when one cannot be read or written. */
  async rewrite(): Promise<number> {
    return await this.#sqlite.rewrite();
  }

  /** Writes a consistent copy of the store to a new file (0600), which can later take its place. Rejects when it exists. */
  async backup(file: string): Promise<void> {
    await this.#sqlite.backup(file);
  }
}

/** Before the first write, makes everything on disk as the Transformer wants it. Resolves with the reason when that cannot be. */
async function bringUpToDate(
  file: string,
  journal: SqliteJournal,
  { unscrubbed }: Opened,
  logger: Logger,
): Promise<StoreHealth> {
  const { transformed } = journal;
  if (transformed.problems.length > 0) return unreadable(file, transformed.problems);
  try {
    await transformed.prepare();
  } catch (error) {
    return unreadable(file, [(error as Error).message]);
  }
  try {
    if (transformed.hasStale || unscrubbed) await journal.rewrite();
    if (unscrubbed) await journal.scrub();
  } catch (error) {
    if (error instanceof JournalError && !error.mayPass) throw error;
    logger.warn("could not rewrite what earlier versions left in the store; the next start tries again", {
      error: String(error),
    });
  }
  return { ok: true };
}

/** Where versions are damaged, events may be missing; and a watch must have no gap. */
function forgetEvents(contents: Contents, { revision }: Opened): void {
  contents.revision = revision;
  contents.compacted = revision;
  contents.events = [];
}
