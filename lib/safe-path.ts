import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const STICKY = 0o1000;
const OTHERS_WRITE = 0o022;

/**
 * Who writes to a folder can exchange whatever lies below it. Says which folder above `path` belongs to somebody else than root and this user, or
 * can be written by others; undefined when there is none, and where users have no number (Windows). Folders that are not there yet are passed over. As sshd looks at the way to a
 * file of keys, except that a folder with the sticky bit (/tmp) may be everybody's: what others own there can't be moved by anybody else. A link
 * is looked through, so `path` must be one that `realpath` gave, and used as it is from then on.
 */
export function distrustOfParents(path: string): string | undefined {
  const uid = process.geteuid?.();
  if (uid === undefined) return undefined;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    const why = stat && distrustOfFolder(stat, uid);
    if (why !== undefined) return `${folder} ${why}`;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Of a folder on the way, whose own entry has been looked at. */
function distrustOfFolder({ uid, gid, mode }: FolderStat, own: number): string | undefined {
  if (uid !== 0 && uid !== own) return `belongs to another user (uid ${uid})`;
  if ((mode & OTHERS_WRITE) === 0 || (mode & STICKY) !== 0) return undefined;
  return (mode & OTHERS_WRITE) === 0o020 && isPrivateGroup(gid, own) ? undefined : "can be written by others";
}

/** Many systems give each user a group with nobody else in it, by the user's own number, and let it write. */
const isPrivateGroup = (gid: number, own: number): boolean => own !== 0 && gid === own && process.getegid?.() === gid;

interface FolderStat {
  uid: number;
  gid: number;
  mode: number;
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
