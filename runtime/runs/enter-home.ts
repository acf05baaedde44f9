import { existsSync } from "node:fs";
import type { Copy, NamedCopy } from "../homes/copy.ts";
import type { HomeNote } from "../homes/homes.ts";
import type { HomeKeeping } from "./home-keeping.ts";
import { moveIn } from "./move-in.ts";

/**
 * Gives an Instance the home of its copy, which is made when there is none. What a version before 0.2 has put into the Instance's own folder moves
 * in. Call it while nothing of the Instance lives. A daemon that is killed in between does the rest at the next call: the pointer is written last.
 * Returns the copy: the one that it had before, if it had one. `now`: RFC 3339. `holder`: who has a home that this call makes, as its note says it (Windows).
 */
export function enterHome(
  { files, records }: HomeKeeping,
  uid: string,
  copy: NamedCopy,
  now: string,
  holder?: string,
): Copy {
  const { homes } = files;
  files.create(uid);
  const used = files.copyOf(uid);
  if (used) {
    homes.create(used);
    return used;
  }
  const isNew = !existsSync(homes.folder(copy));
  moveIn({ files, records }, uid, copy);
  const isEmpty = isNew && !existsSync(homes.folder(copy));
  homes.create(copy);
  const { standIn, ...named } = copy;
  const note = isNew ? undefined : homes.note(copy);
  const { releasedAt: _, isRetained: _kept, standIn: was, ...known } = note ?? firstNote(now, isEmpty, holder);
  const isStandIn = standIn && (isNew || was);
  homes.write({ ...known, ...named, id: homes.idIn(note, copy), instance: uid, ...(isStandIn && { standIn }) });
  files.point(uid, copy);
  return copy;
}

/** Only an empty home is given to its holder by being made. */
const firstNote = (
  createdAt: string,
  isEmpty: boolean,
  holder: string | undefined,
): Pick<HomeNote, "createdAt" | "holder" | "releasedAt" | "isRetained" | "standIn"> => ({
  createdAt,
  ...(isEmpty && holder !== undefined && { holder }),
});
