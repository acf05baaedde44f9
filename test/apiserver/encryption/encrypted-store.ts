import { dirname, join } from "node:path";
import { Encryption } from "../../../apiserver/encryption/encryption.ts";
import { KeyFile } from "../../../apiserver/encryption/key-file.ts";
import { type KeyProtection, noProtection } from "../../../apiserver/encryption/key-protection.ts";
import { KeyRing } from "../../../apiserver/encryption/key-ring.ts";
import { KeyRotation } from "../../../apiserver/encryption/key-rotation.ts";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import type { SqliteStore } from "../../../store/sqlite/sqlite-store.ts";
import type { SmallLimits } from "../../store/contract.ts";
import { openSqlite } from "../../store/scratch.ts";

export const keyFileBeside = (file: string): string => join(dirname(file), "secrets.key");

/** A store whose records below `prefixes` are encrypted, with its keys beside it. */
export async function openEncrypted(
  file: string,
  {
    prefixes = [""],
    protection = noProtection,
    ...limits
  }: SmallLimits & { prefixes?: string[]; protection?: KeyProtection } = {},
): Promise<{ store: SqliteStore; ring: KeyRing; rotation: KeyRotation }> {
  const ring = await KeyRing.open(new KeyFile(keyFileBeside(file), protection));
  const store = await openSqlite(file, { ...limits, transformer: new Encryption(prefixes, ring, systemClock) });
  return { store, ring, rotation: new KeyRotation({ ring, store, clock: systemClock, logger: silentLogger }) };
}
