import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Writes a small note of the daemon's own. One that replaces another is there whole or not at all. A first one is written in its place: when it is cut
 * off, it is not readable, which counts as none. Throws what the file system throws; nothing of this attempt is left then.
 */
export function writeNote(file: string, text: string): void {
  const target = existsSync(file) ? `${file}.new` : file;
  try {
    writeFileSync(target, text, { mode: 0o600 });
    if (target !== file) renameSync(target, file);
  } catch (error) {
    rmSync(target, { force: true });
    throw error;
  }
}
