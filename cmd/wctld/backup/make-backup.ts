import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { readFile, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Backup, type BackupFileName, backupFiles, writeBackup } from "../../../api/backup/backup.ts";
import { StatusError } from "../../../api/errors.ts";
import { keyFileText } from "../../../apiserver/encryption/key-file.ts";
import { noProtection } from "../../../apiserver/encryption/key-protection.ts";
import type { KeyRing } from "../../../apiserver/encryption/key-ring.ts";
import type { SecretKey } from "../../../apiserver/encryption/secret-key.ts";
import type { Clock } from "../../../lib/clock.ts";
import { Semaphore } from "../../../lib/semaphore.ts";
import { wctlVersion } from "../../../lib/version.ts";

interface Parts {
  dataDir: string;
  /** The file of `--config`. */
  config: string | undefined;
  store: { backup(file: string): Promise<void> };
  ring: KeyRing;
  clock: Clock;
}

/** These are made here; all others are read as they are. */
const MADE: ReadonlySet<BackupFileName> = new Set(["store.db", "secrets.key", "config.yaml"]);

/** Makes backups of a daemon that runs, one at a time. */
export class BackupMaker {
  readonly #parts: Parts;
  readonly #one = new Semaphore(1);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Resolves with the text of a backup. Rejects with ServiceUnavailable when the store or the disk does not allow it. */
  make(): Promise<string> {
    return this.#one.run(() => this.#make());
  }

  async #make(): Promise<string> {
    const { config, ring, clock } = this.#parts;
    if (ring.problem) throw new StatusError("ServiceUnavailable", ring.problem.message);
    // A key may come while the store is read, and another may go: those of both times read all that is in it.
    const before = ring.keys;
    const files = new Map<BackupFileName, Buffer>([["store.db", await this.#snapshot()]]);
    files.set("secrets.key", Buffer.from(keyFileText(union(ring.keys, before), noProtection)));
    const configuration = config === undefined ? undefined : readIfThere(config);
    if (configuration) files.set("config.yaml", configuration);
    for (const name of Object.keys(backupFiles) as BackupFileName[]) {
      const bytes = MADE.has(name) ? undefined : readIfThere(join(this.#parts.dataDir, name));
      if (bytes) files.set(name, bytes);
    }
    const backup: Backup = { createdAt: clock.wall().toISOString(), wctlVersion, files };
    return writeBackup(backup).catch((error: Error) => {
      throw new StatusError("ServiceUnavailable", error.message);
    });
  }

  async #snapshot(): Promise<Buffer> {
    const { dataDir, store } = this.#parts;
    const beginning = "store.backup-";
    for (const name of readdirSync(dataDir)) if (name.startsWith(beginning)) rmSync(join(dataDir, name)); // Of a daemon that died here.
    const file = join(dataDir, `${beginning}${randomBytes(6).toString("hex")}`);
    try {
      await requireRoom(dataDir);
      await store.backup(file);
      if ((await sizeOf(file)) > backupFiles["store.db"]) throw new Error("the store is too large for a backup");
      return await readFile(file);
    } catch (error) {
      throw new StatusError("ServiceUnavailable", (error as Error).message);
    } finally {
      rmSync(file, { force: true });
    }
  }
}

/** So that a backup never takes from the store and the programs what is left of the disk. */
const ROOM_TO_LEAVE = 32 * 1024 * 1024;

async function requireRoom(dataDir: string): Promise<void> {
  const sizes = await Promise.all(["store.db", "store.db-wal"].map((name) => sizeOf(join(dataDir, name))));
  const { bavail, bsize } = await statfs(dataDir);
  const missing = sizes.reduce((all, one) => all + one, ROOM_TO_LEAVE) - bavail * bsize;
  if (missing > 0)
    throw new Error(`the disk of ${dataDir} is too full for a backup: ${missing} more bytes must be free`);
}

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => ({ size: 0 }))).size;

const union = (now: readonly SecretKey[], before: readonly SecretKey[]): SecretKey[] => [
  ...now,
  ...before.filter(({ id }) => !now.some((key) => key.id === id)),
];

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
