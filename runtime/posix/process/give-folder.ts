import { closeSync, constants, fchownSync, fstatSync, lchownSync, lstatSync, openSync, readdirSync } from "node:fs";
import type { Account } from "../accounts/account.ts";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Each level holds a descriptor. */
const DEEPEST = 256;

type Numbers = Pick<Account, "uid" | "gid">;

/**
 * Gives a folder to an account, with what the account before has made in it. It does so by descriptor, so never to what a link in it or in its place
 * leads to; what a third account owns stays its own. The folder itself goes last: a daemon that is killed in between begins anew. Throws a system error
 * (ELOOP or ENOTDIR when it is a link or no folder).
 */
export function giveFolder(path: string, account: Numbers): void {
  const folder = openSync(path, FOLDER);
  try {
    const { uid, gid } = fstatSync(folder);
    if (uid === account.uid && gid === account.gid) return;
    if (uid !== account.uid) giveEntries(folder, uid, account, 0);
    fchownSync(folder, account.uid, account.gid);
  } finally {
    closeSync(folder);
  }
}

function giveEntries(folder: number, former: number, account: Numbers, depth: number): void {
  if (depth > DEEPEST) throw new Error(`the folder can't change its account: it is more than ${DEEPEST} levels deep`);
  for (const name of readdirSync(`/proc/self/fd/${folder}`, { encoding: "buffer" })) {
    const path = Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), name]);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat) continue;
    if (stat.isDirectory()) giveInner(path, former, account, depth);
    else if (stat.uid === former) lchownSync(path, account.uid, account.gid);
  }
}

function giveInner(path: Buffer, former: number, account: Numbers, depth: number): void {
  const folder = openSync(path, FOLDER);
  try {
    giveEntries(folder, former, account, depth + 1);
    if (fstatSync(folder).uid === former) fchownSync(folder, account.uid, account.gid);
  } finally {
    closeSync(folder);
  }
}
