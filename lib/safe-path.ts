import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { posixJudge } from "./path-trust.ts";

/**
 * Whoever can write to a folder can exchange whatever lies below it. Says which folder above `path` belongs to somebody else than root and this user,
 * or can be written by others; undefined when there is none, and where users have no number (Windows). It passes over folders that are not there yet.
 * sshd looks at the way to a file of keys like this; but here a folder with the sticky bit (/tmp) may be everybody's, because nobody else can move
 * what others own there. It looks through links, so `path` must come from `realpath`, and be used as it is from then on.
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

/** The path with every link on the way resolved; what is not there yet is taken as it is named. Windows: the path as it is. */
export function realPathOf(path: string): string {
  if (process.geteuid === undefined) return path;
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || path === dirname(path)) throw error;
    return join(realPathOf(dirname(path)), basename(path));
  }
}
