import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Database, DatabaseSync } from "../../../store/sqlite/node-sqlite.ts";

/** Who holds a data directory, for the message to the second daemon. */
interface Holder {
  pid: number;
  startedAt: string;
}

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
    this.#holderFile = join(dataDir, "daemon.json");
    this.#database = new DatabaseSync(join(dataDir, "daemon.lock"));
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
    const holder: Holder = { pid: process.pid, startedAt: new Date().toISOString() };
    writeFileSync(this.#holderFile, JSON.stringify(holder), { mode: 0o600 });
  }

  release(): void {
    rmSync(this.#holderFile, { force: true });
    this.#database.close();
  }
}

function whoHolds(file: string): string {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(file, "utf8")) as Holder;
    return `the daemon with pid ${pid}, started at ${startedAt}`;
  } catch {
    return "another daemon";
  }
}
