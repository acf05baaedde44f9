import { existsSync } from "node:fs";
import type { Copy, NamedCopy } from "../homes/copy.ts";
import type { HomeNote } from "../homes/homes.ts";
import type { HomeKeeping } from "./home-keeping.ts";
import { moveIn } from "./move-in.ts";

/**
 * Before an Instance is forgotten: its home keeps the records of the runs whose logs are there, so that later readers know when they began and how they
 * ended. From then on nobody uses the home. Returns the folders to remove beside that of the Instance: the home of an Instance that no Process owns.
 * Each step may be repeated. `copy`: whose home takes what a version before 0.2 kept in the Instance's own folder. `now`: RFC 3339.
 */
export function leaveHome(
  { files, records }: HomeKeeping,
  uid: string,
  { copy: given, now }: { copy: NamedCopy | undefined; now: string },
): string[] {
  const { homes } = files;
  const copy = followedHome({ files, records }, uid, given);
  if (!copy) return [];
  if (copy.owner === uid) return [homes.folder(copy), homes.ownerFolder(uid)];
  if (given) moveIn({ files, records }, uid, given);
  for (const { run, number } of records.read(uid)) {
    if (number !== undefined && existsSync(homes.log(copy, number, "out")))
      records.handOver(uid, run, homes.record(copy, number));
  }
  const note = homes.note(copy) ?? (given && { ...given, createdAt: now, instance: uid });
  if (note?.instance === uid) {
    if (existsSync(homes.folder(copy))) homes.write({ ...released(note, given), releasedAt: now });
  }
  return [];
}

/** What is known of the home now. An Instance that its Process has let go does not know its names any more. */
function released({ instance: _, standIn, ...note }: HomeNote, given: NamedCopy | undefined): HomeNote {
  if (!given) return note;
  const { process, namespace, account, revision, store } = given;
  return {
    ...note,
    ...(given.owner === note.owner && { process, namespace }),
    ...(account !== undefined && { account }),
    revision,
    ...(store !== undefined && { store }),
    ...(standIn && given.standIn && { standIn }),
  };
}

/** The copy whose home it used. An Instance may have got another Process meanwhile, which adopted it: then its home follows. */
function followedHome({ files }: HomeKeeping, uid: string, given: NamedCopy | undefined): Copy | undefined {
  const { homes } = files;
  const used = files.copyOf(uid);
  if (!used || !given || given.owner === used.owner || given.owner === uid) return used ?? given;
  if (!existsSync(homes.folder(used))) return given;
  if (existsSync(homes.folder(given))) return used;
  homes.move(used, given);
  return given;
}
