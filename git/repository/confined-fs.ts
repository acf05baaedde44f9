import { lstat, mkdir, readdir, readFile, readlink, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import type { PromiseFsClient } from "isomorphic-git";
import { renamePatiently } from "../../lib/patient-files.ts";

/**
 * The files of one local copy, for the library: nothing outside its folder exists, so no name that a server sends leads out of it. Files are written whole or
 * not at all; a pack is written when `checkPack` let it pass. `checkPack` throws. (All are async: by that the library knows them from those with callbacks.)
 */
export function confinedFs(folder: string, checkPack: (pack: Uint8Array) => void): PromiseFsClient {
  const root = resolve(folder);
  const inside = (path: string): string => {
    const absolute = resolve(path);
    if (absolute === root || absolute.startsWith(root + sep)) return absolute;
    throw Object.assign(new Error("outside of the local copy"), { code: "ENOENT" });
  };
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    const target = inside(path);
    if (target.endsWith(".pack")) checkPack(Buffer.from(content));
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(`${target}.tmp`, content, { mode: 0o600 });
    await renamePatiently(`${target}.tmp`, target);
  };
  const noLinks = (): Promise<never> => Promise.reject(new Error("the local copy has no links"));
  return {
    promises: {
      readFile: async (path: string, options: object) => readFile(inside(path), options),
      writeFile: write,
      mkdir: async (path: string) => mkdir(inside(path), { mode: 0o700 }),
      rmdir: async (path: string) => rmdir(inside(path)),
      unlink: async (path: string) => unlink(inside(path)),
      stat: async (path: string) => stat(inside(path)),
      lstat: async (path: string) => lstat(inside(path)),
      readdir: async (path: string) => readdir(inside(path)),
      readlink: async (path: string) => readlink(inside(path)),
      symlink: noLinks,
    },
  };
}
