import { existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { getgrgid_r, getpwuid_r } from "../ffi/libc.ts";

/** Where every account may leave files. */
const SHARED_FOLDERS = ["/tmp", "/var/tmp", "/dev/shm"];
/** Of the services of systemd that run just now. */
const SYSTEMD = "/run/systemd/dynamic-uid";

/**
 * Looks which numbers are somebody's. Processes and files are read once; users and groups are asked for at each call, through the C library, so that those of
 * a directory count too.
 * @param instances the folder of the Instances: what works there is in use
 */
export function numbersInUse(instances: string): (number: number) => boolean {
  const seen = new Set([
    ...ownersIn("/proc"),
    ...SHARED_FOLDERS.flatMap((folder) => ownersIn(folder)),
    ...names(instances).flatMap((uid) => ownerOf(join(instances, uid, "work"))),
  ]);
  return (number) => seen.has(number) || hasName(number) || existsSync(join(SYSTEMD, String(number)));
}

const ownersIn = (folder: string): number[] => names(folder).flatMap((name) => ownerOf(join(folder, name)));

/** None when it has gone. */
function ownerOf(path: string): number[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat ? [stat.uid, stat.gid] : [];
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** An answer that can't be had (the directory is away) counts as a name. */
function hasName(number: number): boolean {
  const strings = Buffer.alloc(16_384);
  return [getpwuid_r, getgrgid_r].some((call) => {
    const result: (bigint | null)[] = [null];
    const code = call(number, {}, strings, strings.length, result);
    return result[0] !== null || (code !== 0 && !NOT_FOUND.includes(code));
  });
}

/** What the man page lets a missing entry be told with: ENOENT, ESRCH, EBADF, EPERM. */
const NOT_FOUND = [2, 3, 9, 1];
