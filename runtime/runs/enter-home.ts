import { existsSync } from "node:fs";
import type { NamedCopy } from "../homes/copy.ts";
import type { HomeKeeping } from "./home-keeping.ts";
import { moveIn } from "./move-in.ts";

/**
 * Gives an Instance the home of its copy, which is made when there is none. What a version before 0.2 has put into the Instance's own folder moves
 * in. Call it while nothing of the Instance lives. A daemon that is killed in between does the rest at the next call: the pointer is written last.
 * `now`: RFC 3339.
 */
export function enterHome({ files, records }: HomeKeeping, uid: string, copy: NamedCopy, now: string): void {
  const { homes } = files;
  files.create(uid);
  const used = files.copyOf(uid);
  if (used) {
    homes.create(used);
    return;
  }
  const isNew = !existsSync(homes.folder(copy));
  moveIn({ files, records }, uid, copy);
  homes.create(copy);
  const { standIn, ...named } = copy;
  const { releasedAt: _, isRetained: _kept, standIn: was, ...known } = homes.note(copy) ?? { createdAt: now };
  homes.write({ ...known, ...named, id: homes.id(copy), instance: uid, ...(standIn && (isNew || was) && { standIn }) });
  files.point(uid, copy);
}
