import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import type { FilePlace, FileWriter } from "../../runs/declared-files.ts";
import { type LaunchFile, StartError } from "../../runtime.ts";
import { ENTER, mayReach, mayUse, type User, WRITE } from "./mode-bits.ts";

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW } = constants;
const FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
const STICKY = 0o1000;
const FOR_ALL = STICKY | 0o002;

/**
 * Writes files for an account. Every folder on the way is opened by its name in the one before, never through a link, so what the workload moves or
 * plants meanwhile leads nowhere else (S11). Where the account itself could not write, nothing is written, although the daemon may be root.
 */
export class PosixFileWriter implements FileWriter {
  readonly #owner: User;
  /** The daemon acts for somebody else. */
  readonly #isOther: boolean;

  constructor(owner: User) {
    this.#owner = owner;
    this.#isOther = process.geteuid!() === 0 && owner.uid !== 0;
  }

  write(place: FilePlace, { content, mode }: LaunchFile): void {
    const folder = this.#open(place, true)!;
    const freshName = freshOf(place.name);
    const [target, fresh] = [inFolder(folder, place.name), inFolder(folder, freshName)];
    try {
      for (const name of [place.name, freshName])
        this.#refuseOthers(folder, lstatSync(inFolder(folder, name), { throwIfNoEntry: false }), name);
      removeIfThere(fresh); // Of a daemon that was killed.
      const file = openSync(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      try {
        writeFileSync(file, content);
        fchmodSync(file, mode);
        if (this.#isOther) fchownSync(file, this.#owner.uid, this.#owner.gid);
      } finally {
        closeSync(file);
      }
      renameSync(fresh, target);
    } catch (error) {
      if (!(error instanceof StartError)) removeIfThere(fresh);
      throw error;
    } finally {
      closeSync(folder);
    }
  }

  remove(place: FilePlace): void {
    const folder = this.#open(place, false);
    if (folder === undefined) return;
    try {
      for (const name of [place.name, freshOf(place.name)]) {
        const stat = lstatSync(inFolder(folder, name), { throwIfNoEntry: false });
        if (!stat) continue;
        this.#refuseOthers(folder, stat, name);
        unlinkSync(inFolder(folder, name));
      }
    } finally {
      closeSync(folder);
    }
  }

  /** A descriptor of the folder, which is made when `isMade`; undefined when there is none. */
  #open({ root, isHome, folders }: FilePlace, isMade: boolean): number | undefined {
    let folder = isHome ? openFolder(root, FOLDER, root) : this.#openWorkingDir(root);
    for (const name of folders) {
      const next = this.#step(folder, name, isMade);
      closeSync(folder);
      if (next === undefined) return undefined;
      folder = next;
    }
    return folder;
  }

  /** It may be a link, or lie behind one: what was opened is judged. */
  #openWorkingDir(root: string): number {
    const folder = openFolder(root, O_RDONLY | O_DIRECTORY, root);
    if (!this.#isOther || mayReach(readlinkSync(`/proc/self/fd/${folder}`), this.#owner)) return folder;
    closeSync(folder);
    throw this.#noEntry(root);
  }

  #noEntry(name: string): StartError {
    return new StartError("AccessDenied", `${this.#owner.name} may not enter ${name}, so nobody does it for it`);
  }

  #step(folder: number, name: string, isMade: boolean): number | undefined {
    const path = inFolder(folder, name);
    try {
      if (lstatSync(path, { throwIfNoEntry: false }))
        return this.#existing(folder, openFolder(path, FOLDER, name), name);
      if (!isMade) return undefined;
      this.#refuseOthers(folder, undefined, name);
      return this.#make(path, name);
    } catch (error) {
      closeSync(folder);
      throw error;
    }
  }

  /** Where all may put folders, one of a third account is a trap: its owner could put another file in the place of ours. */
  #existing(parent: number, folder: number, name: string): number {
    const [around, stat] = [fstatSync(parent), fstatSync(folder)];
    const isTrap = (around.mode & FOR_ALL) === FOR_ALL && ![0, around.uid, this.#owner.uid].includes(stat.uid);
    if (!isTrap && (!this.#isOther || mayUse(stat, this.#owner, ENTER))) return folder;
    closeSync(folder);
    if (!isTrap) throw this.#noEntry(name);
    throw new StartError("AccessDenied", `${name} is of another account, in a folder that all may write to: remove it`);
  }

  /** What lies in it was moved there by somebody else: then it is no folder of ours, and stays whose it is. */
  #make(path: string, name: string): number {
    mkdirSync(path, { mode: 0o755 });
    const made = openFolder(path, FOLDER, name);
    if (this.#isOther && readdirSync(inFolder(made, ".")).length === 0)
      fchownSync(made, this.#owner.uid, this.#owner.gid);
    return made;
  }

  #refuseOthers(parent: number, target: Stats | undefined, name: string): void {
    if (target?.isDirectory()) throw new StartError("AccessDenied", `${name} is a folder: remove it`);
    if (!this.#isOther) return;
    const { uid } = this.#owner;
    const folder = fstatSync(parent);
    const isOthers = target !== undefined && target.uid !== uid && folder.uid !== uid && (folder.mode & STICKY) !== 0;
    if (mayUse(folder, this.#owner, WRITE) && !isOthers) return;
    throw new StartError("AccessDenied", `${this.#owner.name} may not write ${name} there, so nobody does it for it`);
  }
}

function openFolder(path: string, flags: number, name: string): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR" || code === "ELOOP")
      throw new StartError("AccessDenied", `${name} is a link, or no folder: remove it`, { cause: error });
    if (code === "ENOENT")
      throw new StartError("WorkingDirNotFound", `the folder ${name} does not exist`, { cause: error });
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** What a file is called while it is written. */
const freshOf = (name: string): string => `.wctl-${name}`;

const inFolder = (folder: number, name: string): string => `/proc/self/fd/${folder}/${name}`;
