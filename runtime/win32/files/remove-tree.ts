import { lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { type Clock, sleep } from "../../../lib/clock.ts";
import { constants } from "../ffi/constants.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { extended } from "../process/path-rules.ts";

/** What others (an antivirus program, a console that is ending) hold open for a moment goes away when they let go. */
const HELD_BY_OTHERS = ["ENOTEMPTY", "EBUSY", "EPERM", "EACCES"];
const PATIENCE_MS = 5_000;
const PAUSE_MS = 20;

/** Removes a folder and all in it. Rejects when something is still held open by others after five seconds. */
export async function removeTree(api: Winapi, path: string, clock: Clock): Promise<void> {
  const deadline = clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      removeNow(api, path);
      return;
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (!HELD_BY_OTHERS.includes(code) || clock.now() > deadline) throw error;
    }
    await sleep(clock, PAUSE_MS);
  }
}

/**
 * Removes a folder whose contents a workload could write. Each folder is held open without FILE_SHARE_DELETE while it is emptied, so
 * none can be moved aside and a junction put in its place; junctions and links are removed themselves, never followed (S11).
 */
function removeNow(api: Winapi, path: string): void {
  const flags = constants.FILE_FLAG_BACKUP_SEMANTICS | constants.FILE_FLAG_OPEN_REPARSE_POINT;
  const share = constants.FILE_SHARE_READ | constants.FILE_SHARE_WRITE;
  const access = constants.FILE_LIST_DIRECTORY;
  const held = api.CreateFileW(extended(path), access, share, null, constants.OPEN_EXISTING, flags, 0);
  if (held === -1 && lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  try {
    if (!lstatSync(path).isDirectory()) {
      removeEntry(path);
      return;
    }
    for (const name of readdirSync(path)) {
      const entry = join(path, name);
      if (lstatSync(entry).isDirectory()) removeNow(api, entry);
      else removeEntry(entry);
    }
  } finally {
    if (held !== -1) api.CloseHandle(held);
  }
  rmdirSync(path);
}

/** A file, a link or a junction. libuv tells junctions from folders and removes the junction alone. */
function removeEntry(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
