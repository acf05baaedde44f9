import { join } from "node:path";
import type { DaemonConfig } from "../../api/types.generated.ts";
import { Encryption } from "../../apiserver/encryption/encryption.ts";
import { KeyFile } from "../../apiserver/encryption/key-file.ts";
import type { KeyProtection } from "../../apiserver/encryption/key-protection.ts";
import { KeyRing } from "../../apiserver/encryption/key-ring.ts";
import { KeyRotation } from "../../apiserver/encryption/key-rotation.ts";
import { kinds } from "../../apiserver/kinds/kinds.ts";
import { storePrefix } from "../../apiserver/registry/paths.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { defaultBudget, type SeparateHistory } from "../../store/history/histories.ts";
import type { HistoryBudget } from "../../store/history/history.ts";
import type { SqliteJournal } from "../../store/sqlite/sqlite-journal.ts";
import { SqliteStore } from "../../store/sqlite/sqlite-store.ts";

interface Options {
  dataDir: string;
  /** A thread that is coming up already. */
  journal: SqliteJournal;
  protection: KeyProtection;
  logger: Logger;
  clock: Clock;
  history: Partial<HistoryBudget>;
}

const encrypted = kinds.filter(({ encryptedAtRest }) => encryptedAtRest).map(({ resource }) => storePrefix(resource));

const apart = kinds.flatMap(({ resource, historyBytes: bytes }): SeparateHistory[] =>
  bytes === undefined ? [] : [{ prefix: storePrefix(resource), budget: { ...defaultBudget, bytes } }],
);

/** The store of a data directory, in which what a kind calls `encryptedAtRest` is encrypted, and what changes the key of that. */
export async function openStore(
  options: Options,
): Promise<{ store: SqliteStore; rotation: KeyRotation; ring: KeyRing }> {
  const { dataDir, protection, clock, logger, ...others } = options;
  const ring = await KeyRing.open(new KeyFile(join(dataDir, "secrets.key"), protection));
  const transformer = new Encryption(encrypted, ring, clock);
  const file = join(dataDir, "store.db");
  const store = await SqliteStore.open({ file, logger, clock, transformer, apart, ...others });
  const rotation = new KeyRotation({ ring, store, clock, logger });
  if (store.health.ok) {
    await rotation.finishInterrupted().catch((error: unknown) => {
      logger.warn("an older key of the Secrets could not be removed; the next start tries again", {
        error: String(error),
      });
    });
  }
  return { store, rotation, ring };
}

/** How much of the past the configuration lets watches resume from. */
export function historyBudget({ retention = {} }: DaemonConfig): Partial<HistoryBudget> {
  const { history, historySeconds, historyBytes } = retention;
  return {
    ...(history === undefined ? {} : { count: history }),
    ...(historySeconds === undefined ? {} : { ageMs: historySeconds * 1000 }),
    ...(historyBytes === undefined ? {} : { bytes: historyBytes }),
  };
}
