import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DAEMON_HOLDER, type DaemonHolder, parseDaemonHolder } from "../../../api/daemon-note.ts";
import { type Database, DatabaseSync } from "../../../store/sqlite/node-sqlite.ts";

/** There as soon as a daemon has been in the directory. */
export const DATA_DIR_LOCK = "daemon.lock";

export class DataDirInUse extends Error {
  override readonly name = "DataDirInUse";
}

/**
 * One daemon per data directory. The lock is SQLite's exclusive file lock (fcntl or LockFileEx): the system takes it back however the
 * daemon ends, so there is no stale lock to clean up. `daemon.json` beside it only says who it is.
 */
export class DataDirLock {
  readonly #database: Database;
  readonly #holderFile: string;

  /** Throws DataDirInUse at once when another daemon holds it. */
  constructor(dataDir: string) {
    this.#holderFile = join(dataDir, DAEMON_HOLDER);
    this.#database = new DatabaseSync(join(dataDir, DATA_DIR_LOCK));
    try {
      this.#database.exec(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN EXCLUSIVE",
      );
    } catch (error) {
      this.#database.close();
      throw new DataDirInUse(
        `${dataDir} is in use by ${whoHolds(this.#holderFile)}; stop it first, or choose another --data-dir`,
        {
          cause: error,
        },
      );
    }
    const holder: DaemonHolder = { pid: process.pid, startedAt: new Date().toISOString() };
    writeFileSync(this.#holderFile, JSON.stringify(holder), { mode: 0o600 });
  }

  release(): void {
    rmSync(this.#holderFile, { force: true });
    this.#database.close();
  }
}

function whoHolds(file: string): string {
  try {
    const holder = parseDaemonHolder(readFileSync(file, "utf8"));
    if (holder) return `the daemon with pid ${holder.pid}, started at ${holder.startedAt}`;
  } catch {
    // It has not come so far, or is gone.
  }
  return "another daemon";
}
