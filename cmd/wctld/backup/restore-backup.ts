import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Backup, type BackupFileName, BackupNotUsable } from "../../../api/backup/backup.ts";
import type { Restored, RestoreOptions } from "../../../api/backup/restore.ts";
import { KeyFile } from "../../../apiserver/encryption/key-file.ts";
import { type KeyProtection, noProtection } from "../../../apiserver/encryption/key-protection.ts";
import { oneLine } from "../../../lib/one-line.ts";
import type { PathTrust } from "../../../lib/path-trust.ts";
import { SqliteInspection } from "../../../store/sqlite/sqlite-inspection.ts";
import { DataIdLock } from "../data-dir/data-id-lock.ts";
import type { OriginFile } from "../data-dir/origin.ts";
import { readBackupFile } from "./backup-file.ts";
import { requirePlace, takePlace } from "./place.ts";
import { isRecord } from "./record-shape.ts";

interface Parts {
  /** Makes a folder for the daemon alone, or refuses it; resolves with its path. */
  openDataDir: (named: string) => Promise<string>;
  originOf: (dataDir: string) => Promise<OriginFile>;
  protection: KeyProtection;
  trust: PathTrust;
  now: Date;
}

/** What only the daemon that was backed up may be called, and the ports that its programs have. */
const NAMES: ReadonlySet<BackupFileName> = new Set([
  "data-id",
  "run-key",
  "dynamic-users.json",
  "ports.jsonl",
  "admin.kubeconfig",
]);
/** Without these nobody can go on as the daemon that was backed up. */
const IDENTITY = ["data-id", "run-key"] as const;

/**
 * Makes a data directory from a backup. All of it is checked and on disk beside the place first; then it gets its name, whole. Rejects with
 * BackupNotUsable, DataDirInUse, DataIdInUse, or what the file system says; then nothing was changed.
 */
export async function restoreBackup(
  file: string,
  { dataDir: named, passphrase, takeOver, force }: RestoreOptions & { dataDir: string },
  { openDataDir, originOf, protection, trust, now }: Parts,
): Promise<Restored> {
  const backup = await readBackupFile(file, trust, passphrase);
  const missing = takeOver ? IDENTITY.filter((name) => !backup.files.has(name)) : [];
  if (missing.length > 0) throw new BackupNotUsable(`${file} cannot be taken over: ${missing.join(", ")} is missing`);
  const place = { dataDir: resolve(named), force, now };
  const { dataDir } = place;
  await requirePlace(place, openDataDir);
  const staging = await openDataDir(`${dataDir}.restore-${randomBytes(6).toString("hex")}`);
  try {
    await fill(staging, backup, takeOver, protection);
    (await originOf(staging)).write();
    const lock = takeOver ? await DataIdLock.acquire(staging) : undefined;
    try {
      if (lock?.squatted !== undefined) throw new Error(`another program has the name of the lock: ${lock.squatted}`);
      const aside = await takePlace(staging, place, openDataDir);
      const config = backup.files.has("config.yaml") ? join(dataDir, "config.yaml") : undefined;
      return { dataDir, createdAt: backup.createdAt, ...(aside && { aside }), ...(config && { config }) };
    } finally {
      lock?.release();
    }
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (error instanceof BackupNotUsable) error.message = `${file} cannot be restored: ${error.message}`;
    throw error;
  }
}

async function fill(folder: string, { files }: Backup, takeOver: boolean, protection: KeyProtection): Promise<void> {
  const isOfThis = (name: BackupFileName): boolean => takeOver || !(NAMES.has(name) || name.startsWith("pki/"));
  if (takeOver) mkdirSync(join(folder, "pki"), { mode: 0o700 });
  for (const [name, bytes] of files) {
    if (isOfThis(name)) writeFileSync(join(folder, name), bytes, { flag: "wx", mode: 0o600, flush: true });
  }
  checkStore(join(folder, "store.db"));
  await protectKeys(join(folder, "secrets.key"), protection);
}

function checkStore(file: string): void {
  const inspection = new SqliteInspection(file, join(dirname(file), "store.id"));
  try {
    let versions = inspection.read();
    for (; versions.length > 0; versions = inspection.read()) {
      const foreign = versions.find((version) => !isRecord(version));
      if (foreign) throw new BackupNotUsable(`its store has what no daemon writes: ${oneLine(foreign[1], 100)}`);
    }
    const { health } = inspection;
    if (!health.ok) throw new BackupNotUsable(`its store cannot be used (${health.reason}): ${health.message}`);
  } finally {
    inspection.close();
  }
}

/** They are plain in the backup, so that another machine can use them; here they are kept as this system keeps them. */
async function protectKeys(file: string, protection: KeyProtection): Promise<void> {
  const keys = await new KeyFile(file, noProtection).read();
  if (keys) await new KeyFile(file, protection).write(keys);
}
