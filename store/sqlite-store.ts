import { JournalError } from "./journal.ts";
import { JournaledStore, type StoreOptions } from "./journaled-store.ts";
import { Pace } from "./pace.ts";
import { type Contents, nothing, recover } from "./recover.ts";
import { damaged } from "./sqlite-error.ts";
import { SqliteJournal } from "./sqlite-journal.ts";
import type { Opened } from "./sqlite-messages.ts";
import type { StoreHealth } from "./store.ts";

export interface SqliteStoreOptions extends StoreOptions {
  /** `store.id`, a `-wal` file and, at start, a `-shm` file live beside it. Its folder is made with mode 0700, the files with 0600. */
  file: string;
  /** A thread that is coming up already; the store closes it. Default: a new one. */
  journal?: SqliteJournal;
}

/** The Store on disk: one SQLite file, written by a thread of its own. */
export class SqliteStore extends JournaledStore {
  #sqlite: SqliteJournal;

  private constructor(journal: SqliteJournal, contents: Contents, health: StoreHealth, options: StoreOptions) {
    super(journal, contents, health, options);
    this.#sqlite = journal;
  }

  /** Never rejects for what is wrong with the file: then the store is open for reading what can be read, and `health` says why and what to do (P12). */
  static async open({ file, journal = new SqliteJournal(), ...options }: SqliteStoreOptions): Promise<SqliteStore> {
    const contents = nothing();
    let health: StoreHealth = { ok: true };
    try {
      await recover(contents, await journal.open(file));
      const verdict = await journal.begin();
      health = verdict.health;
      if (!health.ok) forgetEvents(contents, verdict);
    } catch (error) {
      health = error instanceof JournalError ? error.health : damaged(file, [String(error)]);
    }
    if (!health.ok) options.logger.error("the store is open for reading only", { ...health });
    return new SqliteStore(journal, contents, health, { pace: new Pace(options.clock), ...options });
  }

  /** Writes a consistent copy of the store to a new file (0600), which can later take its place. Rejects when it exists. */
  async backup(file: string): Promise<void> {
    await this.#sqlite.backup(file);
  }
}

/** Among damaged versions events may be missing, and a watch must have no gap. */
function forgetEvents(contents: Contents, { revision }: Opened): void {
  contents.revision = revision;
  contents.compacted = revision;
  contents.events = [];
}
