import { chmodSync, closeSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { syncDirectory } from "../../lib/sync-directory.ts";
import { syncFile } from "../../lib/sync-file.ts";
import type { Version } from "../journal.ts";
import { FORMAT, type Meta, metaChecksum, versionChecksum } from "./format.ts";
import { HighWaterMark } from "./high-water-mark.ts";
import type { Transaction } from "./messages.ts";
import { type Database, DatabaseSync, type Statement } from "./node-sqlite.ts";

const CHECKPOINT_BYTES = 4 * 1024 * 1024;
const UPDATE_META =
  "UPDATE meta SET revision = :revision, compacted = :compacted, count = :count, digest = :digest, checksum = :checksum WHERE id = :id";

/**
 * EXCLUSIVE keeps every other program out, and needs no shared memory file. FULL makes a commit one fsync of the write-ahead log. We make checkpoints
 * ourselves, so that we see when one fails. The page cache is small because all reads come from our own memory. secure_delete overwrites what is deleted.
 */
const settings = `
  PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
  PRAGMA cache_size = -1024; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;
  PRAGMA secure_delete = ON`;
/** Versions that are read at a time. */
const STORED_ROWS = 256;

/** A healthy store, open for writing by this program alone. Every method throws what SQLite or the file system says. */
export class SqliteFile {
  readonly #file: string;
  readonly #database: Database;
  readonly #mark: HighWaterMark;
  readonly #insertVersion: Statement;
  readonly #deleteVersion: Statement;
  readonly #updateMeta: Statement;
  readonly #replaceVersion: Statement;
  readonly #checksumOf: Statement;
  #meta: Meta;

  /** `meta` and `format`: as the inspection found them. Makes durable what an earlier program left in the log, before anything is shown. */
  constructor(file: string, markFile: string, meta: Meta, format: number) {
    this.#file = file;
    this.#meta = meta;
    chmodSync(file, 0o600);
    this.#database = new DatabaseSync(file, { timeout: 1_000 });
    this.#database.exec(settings);
    // This comes before the first record that an older program could not read.
    if (format < FORMAT.unscrubbed) this.#database.exec(`PRAGMA user_version = ${FORMAT.unscrubbed}`);
    this.#checkpoint();
    rmSync(`${file}-shm`, { force: true }); // left by the inspection; nobody else can be using it now
    this.#insertVersion = this.#database.prepare("INSERT INTO versions VALUES (?, ?, ?, ?)");
    this.#deleteVersion = this.#database.prepare("DELETE FROM versions WHERE revision = ? RETURNING checksum");
    this.#updateMeta = this.#database.prepare(UPDATE_META);
    this.#replaceVersion = this.#database.prepare("UPDATE versions SET json = ?, checksum = ? WHERE revision = ?");
    this.#checksumOf = this.#database.prepare("SELECT checksum FROM versions WHERE revision = ? AND path = ?");
    this.#mark = new HighWaterMark(markFile, meta);
  }

  commit({ revision, compacted, versions, drop }: Transaction): void {
    this.#transact({ revision, compacted }, (meta) => {
      for (const version of versions) this.#insert(version, meta);
      for (const old of drop) this.#remove(old, meta);
    });
    this.#mark.raise(revision);
  }

  stored(prefix: string, after: number): Version[] {
    const query =
      "SELECT revision, path, json FROM versions WHERE revision > ? AND path >= ? AND path < ? ORDER BY revision LIMIT ?";
    const rows = this.#database.prepare(query).all(after, prefix, `${prefix}\u{10ffff}`, STORED_ROWS);
    return rows.map(({ revision, path, json }) => [revision, path, json] as Version);
  }

  replace(versions: Version[]): void {
    this.#transact({}, (meta) => {
      for (const version of versions) this.#exchange(version, meta);
    });
  }

  /** Writes every page anew, so that nothing is left between the records, and empties the log, which had the old pages. */
  scrub(): void {
    this.#database.exec("VACUUM");
    this.#checkpoint();
    this.#database.exec(`PRAGMA user_version = ${FORMAT.scrubbed}`);
    this.#checkpoint();
  }

  /** One transaction: `change`, and the meta row that goes with it. */
  #transact(fields: Partial<Meta>, change: (meta: Meta) => void): void {
    const meta = { ...this.#meta, ...fields };
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      change(meta);
      this.#updateMeta.run({ ...meta, checksum: metaChecksum(meta) });
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    this.#meta = meta;
  }

  /** Writes and syncs a transaction that changes nothing. In the log it takes the place of the one that had no room. */
  probe(): void {
    const { revision, compacted } = this.#meta;
    this.commit({ revision, compacted, versions: [], drop: [] });
  }

  /** Moves a long log into the file. Called between commits, so that no writer waits for it needlessly. */
  tidy(): void {
    const log = statSync(`${this.#file}-wal`, { throwIfNoEntry: false });
    if (log && log.size > CHECKPOINT_BYTES) this.#checkpoint();
  }

  backup(file: string): void {
    closeSync(openSync(file, "wx", 0o600));
    this.#database.prepare("VACUUM INTO ?").run(file);
    syncFile(file);
    syncDirectory(dirname(file));
  }

  close(): void {
    this.#database.close();
    this.#mark.close();
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // SQLite has done so itself, as it does when the disk is full.
    }
  }

  #insert(version: Version, meta: Meta): void {
    const checksum = versionChecksum(version);
    this.#insertVersion.run(...version, checksum);
    meta.count += 1;
    meta.digest ^= checksum;
  }

  #remove(revision: number, meta: Meta): void {
    const gone = this.#deleteVersion.get(revision);
    if (!gone) return;
    meta.count -= 1;
    meta.digest ^= Number(gone.checksum);
  }

  #exchange(version: Version, meta: Meta): void {
    const [revision, path, json] = version;
    const old = this.#checksumOf.get(revision, path);
    if (!old) return; // It was forgotten meanwhile.
    const checksum = versionChecksum(version);
    this.#replaceVersion.run(json, checksum, revision);
    meta.digest ^= Number(old.checksum) ^ checksum;
  }

  #checkpoint(): void {
    const result = this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    if (result?.busy) throw new Error("the write-ahead log could not be moved into the store: it is in use");
  }
}
