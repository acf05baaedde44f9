import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  opendirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const O_PATH = 0o10000000;
/** Entries are read so many at a time: a folder may have millions. */
const READ_AT_ONCE = 64;

/**
 * Removes a folder that a workload could write into. Links are removed themselves, never followed (S11). Deep trees are flattened instead of
 * descended into: a folder that is not empty is moved to the top, and emptied there in its turn. So two descriptors and no stack are enough for any
 * depth, no path is long, and an interrupted removal keeps what it has done. Each folder is opened without following links, and its entries are named
 * through that descriptor. Linux only: `/proc/self/fd`.
 *
 * Answers false when `most` entries are gone and there are more; the next call goes on. The top must be the daemon's own: nobody else may change what
 * is in it.
 */
export function removeTree(path: string, most = Number.POSITIVE_INFINITY): boolean {
  const top = openFolder(Buffer.from(path));
  if (top === undefined) return true;
  try {
    const removal = new Removal(top, most);
    while (!removal.isEmpty()) if (removal.left <= 0) return false;
  } finally {
    closeSync(top);
  }
  rmdirSync(path);
  return true;
}

/** Counts in this thread, because a removal that goes on meets the names of its earlier parts. */
let moved = 0;

class Removal {
  /** Entries that may still be removed; it may become less than 0. */
  left: number;
  readonly #top: number;

  constructor(top: number, most: number) {
    this.#top = top;
    this.left = most;
  }

  /** One walk through the top. Folders that were moved there meanwhile are left to the next. */
  isEmpty(): boolean {
    return !forEachIn(this.#top, (name) => {
      if (!this.#isRemoved(this.#top, name)) this.#emptyFolder(at(this.#top, name));
      return this.left > 0;
    });
  }

  /** Removes the files of a folder and moves its folders to the top. It is gone when that was all; else a later walk meets it again. */
  #emptyFolder(path: Buffer): void {
    const folder = openFolder(path);
    if (folder === undefined) return;
    try {
      takeFolder(folder);
      forEachIn(folder, (name) => {
        if (!this.#isRemoved(folder, name)) this.#moveToTop(at(folder, name));
        return this.left > 0;
      });
    } finally {
      closeSync(folder);
    }
    tryRemoveFolder(path);
  }

  #moveToTop(path: Buffer): void {
    const move = (): void => renameSync(path, at(this.#top, Buffer.from(`.removed-${process.pid}-${++moved}`)));
    this.left--;
    try {
      move();
    } catch (error) {
      // The entry is gone, or an earlier removal has used the name: the next walk tries the next number.
      if (isCode(error, "ENOENT", "EEXIST", "ENOTEMPTY", "ENOTDIR")) return;
      if (!isCode(error, "EACCES")) throw error;
      allowOurselves(path); // A folder that changes its parent is written to.
      move();
    }
  }

  /** False: a folder with something in it. */
  #isRemoved(folder: number, name: Buffer): boolean {
    this.left--;
    const path = at(folder, name);
    try {
      unlinkSync(path);
      return true;
    } catch (error) {
      if (isCode(error, "ENOENT")) return true;
      if (!isCode(error, "EISDIR")) throw error;
    }
    return tryRemoveFolder(path);
  }
}

/**
 * Makes the folder ours. The workload may have taken our rights to it. Others of its account may hold a way into it (a descriptor that it gave away):
 * once the folder is not theirs they can put nothing more in, else the removal might never end.
 */
function takeFolder(folder: number): void {
  const isRoot = process.geteuid!() === 0;
  try {
    if (isRoot) fchownSync(folder, 0, 0);
    fchmodSync(folder, 0o700);
  } catch (error) {
    if (!isRoot) throw error; // A root without that right removes what is there.
  }
}

/** False: something is in it, or it is no folder any more. */
function tryRemoveFolder(path: Buffer): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return true;
    if (!isCode(error, "ENOTEMPTY", "EEXIST", "ENOTDIR")) throw error;
    return false;
  }
}

/** Calls `act` for each entry until it answers false. Answers whether there was any entry. Names are bytes: not all of them are UTF-8. */
function forEachIn(folder: number, act: (name: Buffer) => boolean): boolean {
  const entries = opendirSync(`/proc/self/fd/${folder}`, {
    encoding: "buffer" as BufferEncoding,
    bufferSize: READ_AT_ONCE,
  });
  let any = false;
  try {
    for (let entry = entries.readSync(); entry; entry = entries.readSync()) {
      any = true;
      if (!act(entry.name as unknown as Buffer)) break;
    }
  } finally {
    entries.closeSync();
  }
  return any;
}

/** Undefined: there is none. If it is no folder any more, it is removed. */
function openFolder(path: Buffer): number | undefined {
  try {
    return openSync(path, FOLDER);
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    if (isCode(error, "ENOTDIR", "ELOOP")) return removeFile(path);
    if (!isCode(error, "EACCES")) throw error;
  }
  allowOurselves(path);
  return openSync(path, FOLDER);
}

/** A later walk meets an entry that has become a folder meanwhile. */
function removeFile(path: Buffer): undefined {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isCode(error, "ENOENT", "EISDIR")) throw error;
  }
}

/** For a daemon that is not root. It goes through a descriptor, and O_NOFOLLOW keeps that from being a link's target. */
function allowOurselves(path: Buffer): void {
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  try {
    chmodSync(`/proc/self/fd/${fd}`, 0o700);
  } finally {
    closeSync(fd);
  }
}

const at = (folder: number, name: Buffer): Buffer => Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), name]);

function isCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? "");
}
