import { parentPort } from "node:worker_threads";
import type { Removed, ToRemove } from "../../tree-remover.ts";
import { removeTree } from "./remove-tree.ts";

/** Removes one folder after the other; `null` ends it. */
parentPort!.on("message", (path: ToRemove) => {
  if (path === null) return parentPort!.close();
  try {
    removeTree(path);
    parentPort!.postMessage({ path } satisfies Removed);
  } catch (error) {
    parentPort!.postMessage({ path, error } satisfies Removed);
  }
});
