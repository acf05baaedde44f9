import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Account } from "../accounts/account.ts";

const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;

type Reader = Pick<Account, "name" | "uid" | "gid" | "groups">;

/**
 * Reads a file for an account, although the daemon may be root: only what the account itself could read and reach. It judges what was opened and where
 * that lies, whatever links led there, so a link to a file of root gives nothing. Undefined: nothing is there. Throws, with a sentence that follows a colon.
 */
export function readAs(path: string, account: Reader, most: number): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error("it is no file");
    if (process.geteuid!() === 0 && account.uid !== 0) requireReach(file, stat, account);
    const content = Buffer.alloc(Math.min(stat.size, most));
    let at = 0;
    for (let count = -1; count !== 0 && at < content.length; at += count)
      count = readSync(file, content, at, content.length - at, at);
    return content.subarray(0, at);
  } finally {
    closeSync(file);
  }
}

function requireReach(file: number, stat: Stats, account: Reader): void {
  if (!mayUse(stat, account, 4)) throw new Error(`${account.name} may not read it, so nobody does it for it`);
  if (!mayReach(dirname(readlinkSync(`/proc/self/fd/${file}`)), account))
    throw new Error(`${account.name} may not enter the folder that it lies in`);
}

/** Whether the account may enter the folder and all above it, as far as mode bits tell. */
export function mayReach(path: string, account: Reader): boolean {
  for (let folder = path; mayUse(statSync(folder), account, 1); folder = dirname(folder))
    if (folder === dirname(folder)) return true;
  return false;
}

/** As the kernel: the first class that an account is of decides alone. `right`: 4 to read, 1 to enter. */
export function mayUse({ uid, gid, mode }: Stats, account: Reader, right: 1 | 4): boolean {
  if (uid === account.uid) return (mode & (right << 6)) !== 0;
  if (gid === account.gid || account.groups.includes(gid)) return (mode & (right << 3)) !== 0;
  return (mode & right) !== 0;
}
