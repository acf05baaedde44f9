import { closeSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { syncDirectory } from "../../lib/sync-directory.ts";
import { syncFile } from "../../lib/sync-file.ts";
import { APPLICATION_ID, FORMAT, metaChecksum, newMeta, schema } from "./format.ts";
import { DatabaseSync } from "./node-sqlite.ts";

const INSERT_META = "INSERT INTO meta VALUES (:id, :revision, :compacted, :count, :digest, :checksum)";

/** Makes an empty store. It begins under another name, so `file` is there whole, or not at all. */
export function createSqliteFile(file: string): void {
  const unfinished = `${file}.new`;
  for (const left of ["", "-journal", "-wal", "-shm"]) rmSync(unfinished + left, { force: true });
  closeSync(openSync(unfinished, "wx", 0o600));
  const database = new DatabaseSync(unfinished);
  try {
    const meta = newMeta();
    database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"); // until it has its name it may be lost
    database.exec(
      `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT.scrubbed}; ${schema.join(";")}`,
    );
    database.prepare(INSERT_META).run({ ...meta, checksum: metaChecksum(meta) });
    database.exec("PRAGMA journal_mode = WAL");
  } finally {
    database.close();
  }
  syncFile(unfinished);
  renameSync(unfinished, file);
  syncDirectory(dirname(file));
}

/**
 * A restored backup does not use a write-ahead log yet. A daemon that died while it switched the file over leaves SQLite's older kind of journal, which
 * only SQLite itself may undo, and not while it only reads. The inspection tells of what cannot be undone.
 */
export function undoUnfinishedSwitch(file: string): void {
  const isThere = (name: string): boolean => (statSync(name, { throwIfNoEntry: false })?.size ?? 0) > 0;
  if (!isThere(file) || !isThere(`${file}-journal`)) return;
  const database = new DatabaseSync(file, { timeout: 1_000 });
  try {
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
  } catch {
    // The inspection meets the error again, and says it better.
  } finally {
    database.close();
  }
}
