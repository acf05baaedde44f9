import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DAEMON_NOTE, type DaemonNote, parseDaemonNote } from "../../../api/daemon-note.ts";
import type { Clock } from "../../../lib/clock.ts";
import { replaceFile } from "../../../lib/replace-file.ts";

export type Said = Pick<DaemonNote, "state" | "reason" | "message"> & { ways?: readonly string[] };

/**
 * The note in a data directory for those who find no answer (`wctl`, `wctl service status`). Best effort: the disk may be the very thing that is wrong,
 * and the daemon's log and its standard error have it too. Only who holds the data directory writes it.
 */
export const daemonNotes = {
  write(dataDir: string, { ways = [], ...said }: Said, clock: Clock): void {
    const note: DaemonNote = { ...said, ways: [...ways], at: clock.wall().toISOString(), pid: process.pid };
    try {
      replaceFile(join(dataDir, DAEMON_NOTE), `${JSON.stringify({ version: 1, ...note })}\n`);
    } catch {
      // See above.
    }
  },

  forget(dataDir: string): void {
    rmSync(join(dataDir, DAEMON_NOTE), { force: true });
  },

  read(dataDir: string): DaemonNote | undefined {
    try {
      return parseDaemonNote(readFileSync(join(dataDir, DAEMON_NOTE), "utf8"));
    } catch {
      return undefined;
    }
  },
};
