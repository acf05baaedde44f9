import { lstat, mkdir, readdir, readFile, readlink, rename, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import type { PromiseFsClient } from "isomorphic-git";

/**
 * The files of one local copy, for the library: nothing outside its folder exists, so no name that a server sends leads out of it. Files are written whole or
 * not at all; a pack is written when `checkPack` let it pass. `checkPack` throws.
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
    await rename(`${target}.tmp`, target);
  };
  const noLinks = (): Promise<never> => Promise.reject(new Error("the local copy has no links"));
  return {
    promises: {
      readFile: (path: string, options: object) => readFile(inside(path), options),
      writeFile: write,
      mkdir: (path: string) => mkdir(inside(path), { mode: 0o700 }),
      rmdir: (path: string) => rmdir(inside(path)),
      unlink: (path: string) => unlink(inside(path)),
      stat: (path: string) => stat(inside(path)),
      lstat: (path: string) => lstat(inside(path)),
      readdir: (path: string) => readdir(inside(path)),
      readlink: (path: string) => readlink(inside(path)),
      symlink: noLinks,
    },
  };
}
