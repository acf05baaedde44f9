import { type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
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
