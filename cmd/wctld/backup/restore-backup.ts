import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import {
  type Backup,
  type BackupFileName,
  BackupNotUsable,
  MOST_BACKUP_BYTES,
  readBackup,
} from "../../../api/backup/backup.ts";
import { KeyFile, type KeyProtection, noProtection } from "../../../apiserver/encryption/key-file.ts";
import type { PathTrust } from "../../../lib/path-trust.ts";
import { syncDirectory } from "../../../lib/sync-directory.ts";
import { SqliteInspection } from "../../../store/sqlite/sqlite-inspection.ts";
import { KEEP_IT_SAFE } from "../config/config.ts";
import { DataDirLock } from "../data-dir/data-dir-lock.ts";
import { DataIdLock } from "../data-dir/data-id-lock.ts";
import { OriginFile } from "../data-dir/origin.ts";

interface Parts {
  /** Makes a folder for the daemon alone, or refuses it; resolves with its path. */
  openDataDir: (named: string) => Promise<string>;
  protection: KeyProtection;
  trust: PathTrust;
  now: Date;
}

export interface RestoreOptions {
  dataDir: string;
  /** The daemon goes on as the one that was backed up; otherwise it is a new one with the same objects. */
  takeOver: boolean;
  /** A data directory that is there is moved aside. */
  force: boolean;
}

export interface Restored {
  dataDir: string;
  /** Where the old data directory is now. */
  aside?: string;
  createdAt: string;
  /** The configuration of the daemon that was backed up. */
  config?: string;
}

/** What only the daemon that was backed up may be called. */
const NAMES: ReadonlySet<string> = new Set(["data-id", "run-key", "dynamic-users.json", "admin.kubeconfig"]);

/**
 * Makes a data directory from a backup. All of it is checked and on disk beside the place first; then it gets its name, whole. Rejects with
 * BackupNotUsable, DataDirInUse, DataIdInUse, or what the file system says; then nothing was changed.
 */
export async function restoreBackup(file: string, options: RestoreOptions, parts: Parts): Promise<Restored> {
  const backup = read(file, parts.trust);
  const dataDir = resolve(options.dataDir);
  requirePlace(dataDir, options.force);
  const staging = await parts.openDataDir(`${dataDir}.restore-${randomBytes(6).toString("hex")}`);
  try {
    await fill(staging, backup, options.takeOver, parts.protection);
    const lock = options.takeOver ? await DataIdLock.acquire(staging) : undefined;
    try {
      if (lock?.squatted !== undefined) throw new Error(`another program has the name of the lock: ${lock.squatted}`);
      const aside = makeRoom(dataDir, parts.now);
      renameSync(staging, dataDir);
      syncDirectory(dirname(dataDir));
      const config = backup.files.has("config.yaml") ? join(dataDir, "config.yaml") : undefined;
      return { dataDir, createdAt: backup.createdAt, ...(aside && { aside }), ...(config && { config }) };
    } finally {
      lock?.release();
    }
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  }
}

function read(file: string, trust: PathTrust): Backup {
  const why = trust.ofPath(resolve(file));
  if (why !== undefined) throw new BackupNotUsable(`${file} is not read, because ${why}: ${KEEP_IT_SAFE}`);
  const fd = openSync(file, "r");
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new BackupNotUsable("it is not a file");
    if (stat.size > MOST_BACKUP_BYTES) throw new BackupNotUsable(`it is larger than ${MOST_BACKUP_BYTES} bytes`);
    return readBackup(readFileSync(fd, "utf8"));
  } catch (error) {
    if (error instanceof BackupNotUsable) error.message = `${file} cannot be restored: ${error.message}`;
    throw error;
  } finally {
    closeSync(fd);
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
  new OriginFile(folder).write();
}

function checkStore(file: string): void {
  const inspection = new SqliteInspection(file, join(dirname(file), "store.id"));
  try {
    while (inspection.read().length > 0);
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

function requirePlace(dataDir: string, force: boolean): void {
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) return;
  if (!force) throw new Error(`${dataDir} is not empty; choose another --data-dir, or --force, which moves it aside`);
  new DataDirLock(dataDir).release();
}

/** Returns where the old directory is. */
function makeRoom(dataDir: string, now: Date): string | undefined {
  if (!existsSync(dataDir)) return undefined;
  if (readdirSync(dataDir).length === 0) {
    rmdirSync(dataDir);
    return undefined;
  }
  const aside = `${dataDir}.before-${now.toISOString().replace(/[:.]/g, "-")}`;
  renameSync(dataDir, aside);
  return aside;
}
