import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { hindrance, mayReach, mayUse, READ, type User } from "./mode-bits.ts";

const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;

/**
 * Reads a file for an account, although the daemon may be root: only what the account itself could read and reach. It judges what was opened and where
 * that lies, whatever links led there, so a link to a file of root gives nothing. Undefined: nothing is there. Throws, with a sentence that follows a colon.
 */
export function readAs(path: string, account: User, most: number): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isRestricted(account) && hindrance(dirname(path), account)) throw mayNotEnter(account);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
  try {
    const stat = fstatSync(file);
    if (isRestricted(account)) requireReach(file, stat, account);
    if (!stat.isFile()) throw new Error("it is no file");
    const content = Buffer.alloc(Math.min(stat.size, most));
    let at = 0;
    for (let count = -1; count !== 0 && at < content.length; at += count)
      count = readSync(file, content, at, content.length - at, at);
    return content.subarray(0, at);
  } finally {
    closeSync(file);
  }
}

const isRestricted = ({ uid }: User): boolean => process.geteuid!() === 0 && uid !== 0;

/** The way comes first: whoever may not go it learns nothing of what is there. */
function requireReach(file: number, stat: Stats, account: User): void {
  if (!mayReach(dirname(readlinkSync(`/proc/self/fd/${file}`)), account)) throw mayNotEnter(account);
  if (!mayUse(stat, account, READ)) throw new Error(`${account.name} may not read it, so nobody does it for it`);
}

const mayNotEnter = ({ name }: User): Error => new Error(`${name} may not enter the folder that it lies in`);
