import { join } from "node:path";
import { secrets } from "../../api/scheme.ts";
import { Encryption } from "../../apiserver/encryption/encryption.ts";
import { KeyFile, type KeyProtection } from "../../apiserver/encryption/key-file.ts";
import { KeyRing } from "../../apiserver/encryption/key-ring.ts";
import { KeyRotation } from "../../apiserver/encryption/key-rotation.ts";
import { storePrefix } from "../../apiserver/registry/paths.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { SqliteJournal } from "../../store/sqlite-journal.ts";
import { SqliteStore } from "../../store/sqlite-store.ts";

interface Options {
  dataDir: string;
  /** A thread that is coming up already. */
  journal: SqliteJournal;
  protection: KeyProtection;
  logger: Logger;
  clock: Clock;
  historyLimit?: number;
}

/** The store of a data directory, in which Secrets are encrypted, and what changes their key. */
export async function openStore(options: Options): Promise<{ store: SqliteStore; rotation: KeyRotation }> {
  const { dataDir, protection, clock, logger, ...others } = options;
  const ring = await KeyRing.open(new KeyFile(join(dataDir, "secrets.key"), protection));
  const transformer = new Encryption(storePrefix(secrets), ring, clock);
  const store = await SqliteStore.open({ file: join(dataDir, "store.db"), logger, clock, transformer, ...others });
  const rotation = new KeyRotation({ ring, store, clock, logger });
  if (store.health.ok) {
    await rotation.settle().catch((error: unknown) => {
      logger.warn("an older key of the Secrets could not be removed; the next start tries again", {
        error: String(error),
      });
    });
  }
  return { store, rotation };
}
