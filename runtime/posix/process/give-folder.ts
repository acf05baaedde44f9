import { closeSync, constants, fchownSync, fstatSync, openSync } from "node:fs";
import type { Account } from "../accounts/account.ts";

/**
 * Gives a folder to an account. It does so by descriptor, so never to what a link in its place leads to. Throws a system error (ELOOP or ENOTDIR when
 * it is a link or no folder).
 */
export function giveFolder(path: string, { uid, gid }: Pick<Account, "uid" | "gid">): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const stat = fstatSync(fd);
    if (stat.uid !== uid || stat.gid !== gid) fchownSync(fd, uid, gid);
  } finally {
    closeSync(fd);
  }
}
