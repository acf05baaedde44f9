import { setImmediate } from "node:timers/promises";
import type { HomeNote } from "../homes/homes.ts";
import type { FoundHomes, HomeFiles } from "./home-files.ts";

/** Folders that are looked at in one turn of the event loop. */
const SLICE = 64;

export interface Look {
  unused: HomeNote[];
  found: FoundHomes;
  /** The versions of the notes that say that an Instance uses the home, by its folder. */
  inUse: ReadonlyMap<string, string>;
}

/**
 * Looks for homes that no Instance uses, in slices. Of the notes that said at the look before that somebody does, only those that have changed since are
 * read: in a fleet that is nearly none of them.
 */
export async function lookForUnused(files: HomeFiles, before: Look["inUse"]): Promise<Look> {
  const found: FoundHomes = { copies: [], removed: [], outliving: [] };
  const unused: HomeNote[] = [];
  const inUse = new Map<string, string>();
  let looked = 0;
  for (const owner of files.owners()) {
    if (++looked % SLICE === 0) await setImmediate();
    const first = found.copies.length;
    files.scanOwner(owner, found);
    for (const copy of found.copies.slice(first)) {
      if (++looked % SLICE === 0) await setImmediate();
      const [folder, version] = [files.folder(copy), files.noteVersion(copy)];
      if (version === undefined) continue;
      const note = before.get(folder) === version ? undefined : files.note(copy);
      if (note && note.instance === undefined) unused.push(note);
      else if (note || before.get(folder) === version) inUse.set(folder, version);
    }
  }
  return { unused, found, inUse };
}
