import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { posixJudge } from "./path-trust.ts";

/**
 * Who writes to a folder can exchange whatever lies below it. Says which folder above `path` belongs to somebody else than root and this user, or
 * can be written by others; undefined when there is none, and where users have no number (Windows). Folders that are not there yet are passed over. As sshd looks at the way to a
 * file of keys, except that a folder with the sticky bit (/tmp) may be everybody's: what others own there can't be moved by anybody else. A link
 * is looked through, so `path` must be one that `realpath` gave, and used as it is from then on.
 */
export function distrustOfParents(path: string): string | undefined {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  if (uid === undefined || gid === undefined) return undefined;
  const judge = posixJudge({ uid, gid });
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    const why = stat && judge(folder, stat, "above");
    if (why !== undefined) return why;
    if (folder === dirname(folder)) return undefined;
  }
}

/** With every link on the way looked through; what is not there yet is taken as it is named. Windows: the path as it is. */
export function realPathOf(path: string): string {
  if (process.geteuid === undefined) return path;
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || path === dirname(path)) throw error;
    return join(realPathOf(dirname(path)), basename(path));
  }
}
