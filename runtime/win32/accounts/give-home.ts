import type { Logger } from "../../../lib/logger.ts";
import { namesIn } from "../../../lib/names-in.ts";
import { startWorker } from "../../../lib/worker.ts";
import type { Copy } from "../../homes/copy.ts";
import type { HomeFiles } from "../../runs/home-files.ts";
import { StartError } from "../../runtime.ts";
import type { EntryLists } from "./give-entries.ts";
import { entryLists, type FolderUser } from "./work-folder.ts";

/** Does what `giveEntries` does, and resolves with what it answers. */
export type GiveEntries = (path: string, lists: EntryLists) => Promise<number>;

/**
 * Lets the account of a copy have what others have made in its home: a copy may get another account, and a home another Process. It is noted who has it,
 * so that nothing is walked at most starts; a daemon that is killed in between begins anew. Rejects with StartError.
 */
export async function giveHome(
  { homes, logger }: { homes: HomeFiles; logger: Logger },
  copy: Copy,
  user: FolderUser,
  give: GiveEntries,
): Promise<void> {
  const note = homes.note(copy);
  const holder = holderOf(user);
  if (!note || note.holder === holder) return;
  const path = homes.work(copy);
  if (namesIn(path).length > 0) {
    const isTaken = note.holder !== undefined && !note.holder.startsWith(`${user.sid}/`);
    const skipped = await give(path, entryLists(user, isTaken)).catch((cause: Error) => {
      const message = `what is in ${path} can't be given to the account of the instance: ${cause.message}`;
      throw new StartError("SystemError", message, { cause });
    });
    if (skipped > 0) logger.warn("some files of a home could not be given to its account", { path, skipped });
  }
  homes.write({ ...note, holder });
}

/** What the note of a home says of who has what is in it. */
export const holderOf = ({ sid, home, writeRestricted, isLow }: FolderUser): string =>
  [sid, writeRestricted ? home : "", isLow ? "Low" : ""].join("/");

/** A tree may be large, and nobody else shall wait for it (P16). */
export const giveInThread: GiveEntries = (path, lists) =>
  new Promise((resolve, reject) => {
    const worker = startWorker(new URL("./give-entries-worker.ts", import.meta.url), { lost: reject });
    worker.once("message", resolve);
    worker.postMessage({ path, lists });
  });
