import { lstatSync, readlinkSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Account } from "../accounts/account.ts";

/** Whose rights count. */
export type User = Pick<Account, "name" | "uid" | "gid" | "groups">;

export const READ = 4;
export const WRITE = 2;
export const ENTER = 1;
type Right = typeof READ | typeof WRITE | typeof ENTER;

/** As the kernel: the first class that an account is of decides alone. */
export function mayUse({ uid, gid, mode }: Stats, account: User, right: Right): boolean {
  if (uid === account.uid) return (mode & (right << 6)) !== 0;
  if (gid === account.gid || account.groups.includes(gid)) return (mode & (right << 3)) !== 0;
  return (mode & right) !== 0;
}

/** Whether the account may enter the folder and all above it, as far as mode bits tell. */
export function mayReach(path: string, account: User): boolean {
  for (let folder = path; mayUse(statSync(folder), account, ENTER); folder = dirname(folder))
    if (folder === dirname(folder)) return true;
  return false;
}

/** As the kernel's. */
const MOST_LINKS = 40;

/**
 * The first folder on the way into `path` that the account may not enter, as far as mode bits tell. Undefined: it gets there, or to where nothing is any more. It goes
 * the way of the kernel, and looks at nothing behind a folder that is closed: what is said of a path must not tell an account more than the account could see.
 */
export function hindrance(path: string, account: User): string | undefined {
  const names = segments(path);
  let folder = "/";
  for (let links = 0; mayUse(statSync(folder), account, ENTER); ) {
    const name = names.shift();
    if (name === undefined) return undefined;
    const next = join(folder, name);
    const stat = lstatSync(next, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) {
      if (++links > MOST_LINKS) return undefined;
      const target = readlinkSync(next);
      names.unshift(...segments(target));
      if (target.startsWith("/")) folder = "/";
    } else if (stat?.isDirectory()) folder = next;
    else return undefined;
  }
  return folder;
}

const segments = (path: string): string[] => path.split("/").filter((name) => name !== "");
