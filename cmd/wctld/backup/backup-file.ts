import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Backup, BackupNotUsable, readBackup } from "../../../api/backup/backup.ts";
import { MOST_SEALED_BYTES, unseal } from "../../../api/backup/sealed-backup.ts";
import type { PathTrust } from "../../../lib/path-trust.ts";
import { KEEP_IT_SAFE } from "../config/config.ts";

/** The backup in a file that nobody else could have written. Rejects with BackupNotUsable that names the file, or what the file system says. */
export async function readBackupFile(file: string, trust: PathTrust, passphrase: Buffer | undefined): Promise<Backup> {
  const why = trust.ofPath(resolve(file));
  if (why !== undefined) throw new BackupNotUsable(`${file} is not read, because ${why}: ${KEEP_IT_SAFE}`);
  try {
    return readBackup(await unseal(textOf(file), passphrase));
  } catch (error) {
    if (error instanceof BackupNotUsable) error.message = `${file} cannot be restored: ${error.message}`;
    throw error;
  }
}

function textOf(file: string): string {
  const fd = openSync(file, "r");
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new BackupNotUsable("it is not a file");
    if (stat.size > MOST_SEALED_BYTES) throw new BackupNotUsable(`it is larger than ${MOST_SEALED_BYTES} bytes`);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}
