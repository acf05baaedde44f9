import { rmdirSync } from "node:fs";
import type { Copy } from "../homes/copy.ts";
import type { HomeNote, Homes } from "../homes/homes.ts";
import type { HomeFiles } from "./home-files.ts";

export class FolderHomes implements Homes {
  readonly #files: HomeFiles;
  readonly #removeFolder: (path: string) => Promise<void>;

  constructor(files: HomeFiles, removeFolder: (path: string) => Promise<void>) {
    this.#files = files;
    this.#removeFolder = removeFolder;
  }

  unused(copy?: Copy): HomeNote[] {
    const copies = copy ? [copy] : this.#files.copies();
    return copies.flatMap((one) => {
      const note = this.#files.note(one);
      return note && note.instance === undefined ? [note] : [];
    });
  }

  retain(home: HomeNote): void {
    this.#files.write({ ...home, isRetained: true });
  }

  async remove(copy: Copy): Promise<void> {
    await this.#removeFolder(this.#files.folder(copy));
    try {
      rmdirSync(this.#files.ownerFolder(copy.owner));
    } catch {
      // Other copies still have theirs.
    }
  }
}
