import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { SqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Transformer } from "../../store/transformer.ts";
import type { SmallLimits } from "./contract.ts";

const made: string[] = [];
const opened: SqliteStore[] = [];
after(async () => {
  for (const store of opened) await store.close();
  for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }); // Windows lets go of a closed file a moment later.
});

/** A folder of its own, removed when the test file ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "wctl-store-"));
  made.push(folder);
  return folder;
}

/** Closed when the test file ends, if not before. */
export async function openSqlite(
  file: string,
  given: SmallLimits & { transformer?: Transformer; clock?: Clock } = {},
): Promise<SqliteStore> {
  const store = await SqliteStore.open({ file, logger: silentLogger, clock: systemClock, ...given });
  opened.push(store);
  return store;
}
