import {
  chownSync,
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  type Stats,
} from "node:fs";
import type { Account } from "../accounts/account.ts";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Each level holds a descriptor. */
const DEEPEST = 256;

/** The file or link of this name, not what it leads to; it need not be readable. */
const ITSELF = 0o10000000 /* O_PATH */ | constants.O_NOFOLLOW;

type Numbers = Pick<Account, "uid" | "gid">;

/**
 * Gives a folder to an account, with what the account before has made in it. It does so by descriptor, so never to what a link in it or in its place
 * leads to; what a third account owns stays its own, and so does a file that has a name elsewhere too, for it may have been linked from there. The folder
 * itself goes last: a daemon that is killed in between begins anew. Throws a system error (ELOOP or ENOTDIR when it is a link or no folder).
 */
export function giveFolder(path: string, account: Numbers): void {
  const folder = openSync(path, FOLDER);
  try {
    const { uid, gid } = fstatSync(folder);
    if (uid === account.uid && gid === account.gid) return;
    if (uid !== account.uid) new Giving(uid, account).entries(folder, 0);
    fchownSync(folder, account.uid, account.gid);
  } finally {
    closeSync(folder);
  }
}

class Giving {
  readonly #former: number;
  readonly #account: Numbers;
  /** How many names of a file with several were met. */
  readonly #names = new Map<string, number>();

  constructor(former: number, account: Numbers) {
    this.#former = former;
    this.#account = account;
  }

  entries(folder: number, depth: number): void {
    if (depth > DEEPEST) {
      throw new Error(`the folder can't change its account: it is more than ${DEEPEST} levels deep`);
    }
    for (const name of readdirSync(`/proc/self/fd/${folder}`, { encoding: "buffer" })) {
      const path = Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), name]);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory()) this.#inner(path, depth);
      else if (stat) this.#file(path);
    }
  }

  /** What is looked at is what is given, though somebody of the account before puts another file, or a link, in its place meanwhile. */
  #file(path: Buffer): void {
    const file = openedItself(path);
    if (file === undefined) return;
    try {
      const stat = fstatSync(file);
      if (stat.isDirectory() || stat.uid !== this.#former || !this.#isWhollyHere(stat)) return;
      chownSync(`/proc/self/fd/${file}`, this.#account.uid, this.#account.gid);
    } finally {
      closeSync(file);
    }
  }

  #inner(path: Buffer, depth: number): void {
    const folder = openSync(path, FOLDER);
    try {
      this.entries(folder, depth + 1);
      if (fstatSync(folder).uid === this.#former) fchownSync(folder, this.#account.uid, this.#account.gid);
    } finally {
      closeSync(folder);
    }
  }

  /** The last of its names was met. */
  #isWhollyHere({ dev, ino, nlink }: Stats): boolean {
    if (nlink <= 1) return true;
    const file = `${dev}:${ino}`;
    const met = (this.#names.get(file) ?? 0) + 1;
    this.#names.set(file, met);
    return met === nlink;
  }
}

/** Undefined: it is gone. */
function openedItself(path: Buffer): number | undefined {
  try {
    return openSync(path, ITSELF);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
