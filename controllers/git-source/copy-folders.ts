import { existsSync, readdirSync, rmSync } from "node:fs";
import { cp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { PATIENT_REMOVAL } from "../../lib/patient-files.ts";

const KEYS = ".ssh";
/** Beside a copy while it is made anew, and while a session over ssh lasts. */
const BESIDE = [".new", ".old", KEYS];

/** Bytes of a copy that is copied: a larger one takes longer than a fetch. */
const MOST_SEEDED = 64 * 1024 * 1024;

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
      if (name.endsWith(KEYS)) rmSync(join(this.#folder, name), PATIENT_REMOVAL);
    }
  }

  /**
   * Begins another copy with what this one has, as far as it is small: so less is fetched, and nothing while the repository is away. It may be changed meanwhile: what is
   * missing or torn is fetched again, as in any copy.
   */
  async seed(from: string, to: string): Promise<void> {
    try {
      // By their times packs are read in order.
      const options = { recursive: true, preserveTimestamps: true };
      if ((await sizeOf(this.of(from))) <= MOST_SEEDED) await cp(this.of(from), this.of(to), options);
    } catch {
      await this.remove(to);
    }
  }

  async remove(uid: string): Promise<void> {
    for (const suffix of ["", ...BESIDE]) await rm(this.of(uid + suffix), PATIENT_REMOVAL);
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

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
