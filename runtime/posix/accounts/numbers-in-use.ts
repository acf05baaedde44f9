import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { namesIn } from "../../../lib/names-in.ts";
import type { InstanceFiles } from "../../runs/instance-files.ts";
import { getgrgid_r, getpwuid_r } from "../ffi/libc.ts";

/** Where every account may leave files. */
const SHARED_FOLDERS = ["/tmp", "/var/tmp", "/dev/shm"];
/** Folders of the systemd services that run just now. */
const SYSTEMD = "/run/systemd/dynamic-uid";

/**
 * Finds out which numbers are somebody's. It reads processes and files once; it asks for users and groups at each call, through the C library, so
 * that those of a directory count too.
 * @param files owners of what workloads work on are in use
 */
export function numbersInUse(files: InstanceFiles): (number: number) => boolean {
  const seen = new Set([
    ...ownersIn("/proc"),
    ...SHARED_FOLDERS.flatMap((folder) => ownersIn(folder)),
    ...files.uids().flatMap((uid) => ownerOf(files.work(uid))),
    ...files.homes.scan().copies.flatMap((copy) => ownerOf(files.homes.work(copy))),
  ]);
  return (number) => seen.has(number) || hasName(number) || existsSync(join(SYSTEMD, String(number)));
}

const ownersIn = (folder: string): number[] => namesIn(folder).flatMap((name) => ownerOf(join(folder, name)));

/** Empty when the process has ended. */
function ownerOf(path: string): number[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat ? [stat.uid, stat.gid] : [];
}

/** When there is no answer (the directory is away), the number counts as taken. */
function hasName(number: number): boolean {
  const strings = Buffer.alloc(16_384);
  return [getpwuid_r, getgrgid_r].some((call) => {
    const result: (bigint | null)[] = [null];
    const code = call(number, {}, strings, strings.length, result);
    return result[0] !== null || (code !== 0 && !NOT_FOUND.includes(code));
  });
}

/** The errors that the man page allows for a missing entry: ENOENT, ESRCH, EBADF, EPERM. */
const NOT_FOUND = [2, 3, 9, 1];
