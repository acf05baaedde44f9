import { crc32 } from "node:zlib";
import type { Version } from "../journal.ts";

/**
 * The file is a log: each write inserts one version. The newest version of a path is the Object; json NULL says that it was deleted. Older versions
 * stay as long as the history may show them, so the same rows are the Objects and the events, and nothing is written twice. `meta` is one row that
 * changes with every transaction. It keeps the last revision when its version is gone (P13), and the count and digest of all versions, so that no row
 * can come or go unnoticed (P12).
 */
export const schema = [
  "CREATE TABLE meta (id TEXT NOT NULL, revision INTEGER NOT NULL, compacted INTEGER NOT NULL, count INTEGER NOT NULL, digest INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT",
  "CREATE TABLE versions (revision INTEGER PRIMARY KEY, path TEXT NOT NULL, json TEXT, checksum INTEGER NOT NULL) STRICT",
];

/** "wctl" in SQLite's `application_id`. */
export const APPLICATION_ID = 0x7763746c;
/**
 * In `user_version`. It is raised when an older program must not touch the file. 1: every record is JSON. 2: a record may be what a Transformer made
 * of it, but free pages, and free parts of other pages, may still hold what stood there before. 3: they do not.
 */
export const FORMAT = { json: 1, unscrubbed: 2, scrubbed: 3 } as const;

export interface Meta {
  /** Of the store, for life; also in the `store.id` file beside it. */
  id: string;
  revision: number;
  compacted: number;
  count: number;
  /** XOR of the checksums of all versions. */
  digest: number;
}

export const newMeta = (): Meta => ({ id: crypto.randomUUID(), revision: 0, compacted: 0, count: 0, digest: 0 });

export const metaChecksum = ({ id, revision, compacted, count, digest }: Meta): number =>
  crc32(`${id} ${revision} ${compacted} ${count} ${digest}`);

export const versionChecksum = ([revision, path, json]: Version): number =>
  crc32(json ?? "\0", crc32(`${revision} ${path}`));
