import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzipSync, gzip } from "node:zlib";
import { isObject } from "../../lib/json-object.ts";

/** Every file that a backup may hold, with the most bytes of it. Nothing else is read, so a backup can name no path of its own. */
export const backupFiles = {
  "store.db": 512 * 1024 * 1024,
  "secrets.key": 1024 * 1024,
  "node-name": 1024,
  "config.yaml": 1024 * 1024,
  "data-id": 1024,
  "run-key": 1024,
  "dynamic-users.json": 4 * 1024 * 1024,
  "ports.jsonl": 16 * 1024 * 1024,
  "admin.kubeconfig": 64 * 1024,
  "pki/ca.crt": 64 * 1024,
  "pki/ca.key": 64 * 1024,
  "pki/admin.crt": 64 * 1024,
  "pki/admin.key": 64 * 1024,
  "pki/server.crt": 64 * 1024,
  "pki/server.key": 64 * 1024,
} as const satisfies Record<string, number>;

export type BackupFileName = keyof typeof backupFiles;

/** What is in a backup of a data directory. */
export interface Backup {
  /** RFC 3339. */
  createdAt: string;
  /** Of the program that made it. */
  wctlVersion: string;
  files: ReadonlyMap<BackupFileName, Buffer>;
}

/** A backup whose content is not what its daemon wrote, or that this program does not know. */
export class BackupNotUsable extends Error {
  override readonly name = "BackupNotUsable";
}

const VERSION = 1;
const REQUIRED = ["store.db", "secrets.key", "node-name"] as const satisfies readonly BackupFileName[];
/** As base64 in the backup, of a file that was not compressible. */
const ROOM = 1.4;
/** What an entry and its share of the document take at most beside the content. */
const ENTRY_BYTES = 1024;
/** The largest backup: one answer of the API. */
export const MOST_BACKUP_BYTES = 128 * 1024 * 1024;

/**
 * One JSON document: people and programs can look at it, and no tool unpacks it to somewhere. Compresses beside the event loop. Rejects with
 * BackupNotUsable when it is larger than what can be read again.
 */
export async function writeBackup({ createdAt, wctlVersion, files }: Backup): Promise<string> {
  const entries: object[] = [];
  let length = 0;
  for (const [name, bytes] of files) {
    const packed = (await promisify(gzip)(bytes)).toString("base64");
    length += packed.length + ENTRY_BYTES;
    if (bytes.length > backupFiles[name] || length > MOST_BACKUP_BYTES) {
      throw new BackupNotUsable(`${name} is too large for a backup, which has at most ${MOST_BACKUP_BYTES} bytes`);
    }
    entries.push({ name, size: bytes.length, sha256: sha256(bytes), gzip: packed });
  }
  return JSON.stringify({ kind: "Backup", version: VERSION, createdAt, wctlVersion, files: entries });
}

/** They are shown, so nothing else than this may stand in them. */
const TIME = /^[0-9TZ:.+-]{10,40}$/;
const VERSION_NAME = /^[\w.+-]{1,64}$/;
const isText = (value: unknown, form: RegExp): value is string => typeof value === "string" && form.test(value);

/** A foreign value for a message: short, and harmless for a terminal. */
const shown = (value: unknown): string =>
  (JSON.stringify(value) ?? "undefined").slice(0, 60).replace(/[^\x20-\x7e]/g, "?");

/** Throws BackupNotUsable unless all of it is there and is what it says. Unpacks no more than `backupFiles` allows. */
export function readBackup(text: string): Backup {
  const document = parse(text);
  if (!isObject(document) || document.kind !== "Backup") throw new BackupNotUsable("it is no backup of wctl");
  const { version, createdAt, wctlVersion, files } = document;
  if (version !== VERSION) {
    throw new BackupNotUsable(
      `its format is ${shown(version)}, this program knows ${VERSION}: use the wctl that made it, or a newer one`,
    );
  }
  if (!isText(createdAt, TIME) || !isText(wctlVersion, VERSION_NAME) || !Array.isArray(files)) {
    throw new BackupNotUsable("its fields are not those of a backup");
  }
  const read = new Map<BackupFileName, Buffer>();
  for (const entry of files) {
    const [name, bytes] = readEntry(entry);
    if (read.has(name)) throw new BackupNotUsable(`${name} is there twice`);
    read.set(name, bytes);
  }
  const missing = REQUIRED.filter((name) => !read.has(name));
  if (missing.length > 0) throw new BackupNotUsable(`${missing.join(", ")} is missing`);
  return { createdAt, wctlVersion, files: read };
}

function readEntry(entry: unknown): [BackupFileName, Buffer] {
  const { name, size, sha256: hash, gzip } = isObject(entry) ? entry : {};
  if (typeof name !== "string" || !Object.hasOwn(backupFiles, name)) {
    throw new BackupNotUsable(`${shown(name)} is no file of a backup`);
  }
  const known = name as BackupFileName;
  const most = backupFiles[known];
  const isBounded = Number.isInteger(size) && (size as number) >= 0 && (size as number) <= most;
  if (!isBounded || typeof gzip !== "string" || gzip.length > most * ROOM + 1024) {
    throw new BackupNotUsable(`${name} is larger than ${most} bytes, or its size is missing`);
  }
  const bytes = unpack(known, gzip, size as number);
  if (bytes.length !== size || sha256(bytes) !== hash) throw new BackupNotUsable(`${name} is not what was backed up`);
  return [known, bytes];
}

function unpack(name: string, gzip: string, size: number): Buffer {
  try {
    return gunzipSync(Buffer.from(gzip, "base64"), { maxOutputLength: size + 1 });
  } catch (error) {
    throw new BackupNotUsable(`${name} cannot be unpacked`, { cause: error });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BackupNotUsable("it is damaged, cut off, or no backup of wctl", { cause: error });
  }
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
