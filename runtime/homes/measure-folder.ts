import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import type { HomeSize } from "./homes.ts";

/** A folder that was opened without following a link: what is in it is named through `path`. */
export interface OpenedFolder {
  readonly path: string;
  close(): Promise<void>;
}

/** Rejects when it is a link, no folder, or gone. */
export type OpenFolder = (path: string) => Promise<OpenedFolder>;

/** Each level holds a descriptor. */
const DEEPEST = 128;

type FolderSize = Omit<HomeSize, "runs">;

/**
 * What the files below a folder take on its disk, links and other file systems left out. Workloads write there meanwhile, so what vanishes or can't be
 * read is only not counted. `most`: entries that are looked at.
 */
export async function measureFolder(path: string, open: OpenFolder, most: number): Promise<FolderSize> {
  const walk = new Walk(open, most);
  await walk.into(path, 0);
  return walk.size;
}

class Walk {
  readonly size: FolderSize = { bytes: 0, isPartial: false };
  readonly #open: OpenFolder;
  #left: number;
  #device: number | undefined;

  constructor(open: OpenFolder, most: number) {
    this.#open = open;
    this.#left = most;
  }

  async into(path: string, depth: number): Promise<void> {
    const folder = await this.#open(path).catch(() => undefined);
    if (!folder) return;
    try {
      for await (const { name } of await opendir(folder.path, { bufferSize: 64 })) {
        if (this.#left-- <= 0) {
          this.size.isPartial = true;
          return;
        }
        await this.#count(join(folder.path, name), depth);
      }
    } catch {
      this.size.isPartial = true;
    } finally {
      await folder.close();
    }
  }

  async #count(path: string, depth: number): Promise<void> {
    const stat = await lstat(path).catch(() => undefined);
    if (!stat) return;
    this.#device ??= stat.dev;
    if (stat.dev !== this.#device) return;
    this.size.bytes += stat.blocks * 512;
    if (!stat.isDirectory()) return;
    if (depth < DEEPEST) await this.into(path, depth + 1);
    else this.size.isPartial = true;
  }
}
