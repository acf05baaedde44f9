import { parentPort } from "node:worker_threads";
import { loadWinapi } from "../ffi/winapi.ts";
import { type EntryLists, giveEntries } from "./give-entries.ts";

/** Gives what is in one folder, answers how many entries were skipped, and ends. An error is that of the thread. */
parentPort!.once("message", ({ path, lists }: { path: string; lists: EntryLists }) => {
  parentPort!.postMessage(giveEntries(loadWinapi(), path, lists));
});
