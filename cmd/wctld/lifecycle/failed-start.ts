import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../../lib/clock.ts";
import { UsageError } from "../config/options.ts";
import { DATA_DIR_LOCK, DataDirLock } from "../data-dir/data-dir-lock.ts";
import { StartRefused } from "../start-refused.ts";
import { daemonNotes, type Said } from "./daemon-notes.ts";

/**
 * Notes why the daemon did not start. It needs the lock: another daemon that holds the directory may well answer, and if not, its own note counts.
 * `openDataDir` rejects where nothing may be written. A folder in which no daemon has ever been is left alone.
 */
export async function noteFailedStart(
  named: string,
  error: unknown,
  { openDataDir, clock }: { openDataDir: (named: string) => Promise<string>; clock: Clock },
): Promise<void> {
  if (!existsSync(join(named, DATA_DIR_LOCK))) return;
  try {
    const dataDir = await openDataDir(named);
    const lock = new DataDirLock(dataDir);
    daemonNotes.write(dataDir, { state: "NotStarted", ...saidBy(error) }, clock);
    lock.release();
  } catch {
    // Another daemon holds it, or nothing may be written there.
  }
}

function saidBy(error: unknown): Omit<Said, "state"> {
  if (error instanceof StartRefused) return { reason: error.reason, message: error.sentence, ways: error.ways };
  const message = error instanceof Error ? error.message : String(error);
  return { reason: error instanceof UsageError ? "WrongConfiguration" : "StartFailed", message };
}
