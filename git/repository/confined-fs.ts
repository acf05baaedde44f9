import { lstat, mkdir, readdir, readFile, readlink, rmdir, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import type { PromiseFsClient } from "isomorphic-git";
import { renamePatiently } from "../../lib/patient-files.ts";

const PACKS = join("objects", "pack");
/** All turns have as many digits, so that the library sorts them so. */
const FIRST = 100_000;
const TURN = /(?<=[/\\])1[0-9]{5}\.pack-(?=[^/\\]*$)/;
const PACK = "pack-";

/**
 * The files of one local copy, for the library: nothing outside its folder exists, so no name that a server sends leads out of it. Files are written whole or
 * not at all; a pack is written when `checkPack` let it pass. `checkPack` throws. (All are async: by that the library knows them from those with callbacks.)
 */
export function confinedFs(folder: string, checkPack: (pack: Uint8Array) => void): PromiseFsClient {
  const root = resolve(folder);
  const inside = (path: string): string => {
    const absolute = resolve(path.replace(TURN, PACK));
    if (absolute === root || absolute.startsWith(root + sep)) return absolute;
    throw Object.assign(new Error("outside of the local copy"), { code: "ENOENT" });
  };
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    const target = inside(path);
    if (target.endsWith(".pack")) checkPack(Buffer.from(content));
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(`${target}.tmp`, content, { mode: 0o600 });
    if (dirname(target).endsWith(PACKS)) await becomesNewest(`${target}.tmp`, dirname(target));
    await renamePatiently(`${target}.tmp`, target);
  };
  const written = new Map<string, number>();
  const ageOf = async (file: string): Promise<number> => {
    const known = written.get(file) ?? (await stat(file)).mtimeMs;
    written.set(file, known);
    return known;
  };
  /**
   * The library reads an object from the first pack, by name, that has it. A pack leans on older ones only, but may hold an object again (a tree after a revert) that one of
   * those leans on: read from there, the two would lean on each other for ever. So names begin with their turn, the oldest first, which `inside` takes off.
   */
  const inTurn = async (path: string): Promise<string[]> => {
    const names = await readdir(path);
    if (!path.endsWith(PACKS)) return names;
    const aged = await Promise.all(names.map(async (name) => ({ name, at: await ageOf(join(path, name)) })));
    return aged.sort((one, other) => one.at - other.at).map(({ name }, turn) => `${FIRST + turn}.${name}`);
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
      readdir: async (path: string) => inTurn(inside(path)),
      readlink: async (path: string) => readlink(inside(path)),
      symlink: noLinks,
    },
  };
}

/** What is written last is the newest by its time too, although the clock may have been set back. */
async function becomesNewest(file: string, folder: string): Promise<void> {
  const names = await readdir(folder);
  const times = await Promise.all(
    names.map((name) => join(folder, name)).map(async (one) => (one === file ? 0 : (await stat(one)).mtimeMs)),
  );
  const newest = Math.max(0, ...times);
  if ((await stat(file)).mtimeMs > newest) return;
  // A time is given in seconds, and loses some of its last digits.
  const after = (Math.ceil(newest) + 2) / 1000;
  await utimes(file, after, after);
}
