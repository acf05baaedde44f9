import { randomBytes } from "node:crypto";
import { open, readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { renamePatiently } from "../../lib/patient-files.ts";
import { syncDirectory } from "../../lib/sync-directory.ts";

/**
 * Replaces a file that only its owner may read (0600): whole or not at all, also over a crash or a power cut, after it has resolved. On Windows the rights come from
 * the directory, which the daemon protects.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await renamePatiently(temporary, path);
    syncDirectory(dirname(path));
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Removes what a daemon that died in `writePrivateFile` left of it. For the only writer of that path, when it begins. */
export async function removeUnfinished(path: string): Promise<void> {
  const beginning = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const isOurs = name.startsWith(beginning) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(beginning.length));
    if (isOurs) await rm(join(dirname(path), name), { force: true });
  }
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
