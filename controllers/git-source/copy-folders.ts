import { existsSync, readdirSync, rmSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

const KEYS = ".ssh";
/** Beside a copy while it is made anew, and while a session over ssh lasts. */
const BESIDE = [".new", ".old", KEYS];

/** Where the local copies lie: each in a folder named by the uid of its source. */
export class CopyFolders {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  of(uid: string): string {
    return join(this.#folder, uid);
  }

  /** Removes the keys of sessions that a daemon was in when it was killed. Nothing else may happen here meanwhile. */
  removeKeys(): void {
    if (!existsSync(this.#folder)) return;
    for (const name of readdirSync(this.#folder)) {
      if (name.endsWith(KEYS)) rmSync(join(this.#folder, name), { recursive: true, force: true });
    }
  }

  async remove(uid: string): Promise<void> {
    for (const suffix of ["", ...BESIDE]) await rm(this.of(uid + suffix), { recursive: true, force: true });
  }

  /** Removes the copies of sources that are gone: of one that is deleted while no daemon runs nobody is told. */
  async sweep(isThere: (uid: string) => boolean): Promise<void> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    const uids = new Set(names.map((name) => name.replace(/\.(?:new|old|ssh)$/, "")));
    for (const uid of uids) if (!isThere(uid)) await this.remove(uid);
  }
}
