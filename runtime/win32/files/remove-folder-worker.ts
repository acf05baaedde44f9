import { parentPort } from "node:worker_threads";
import { systemClock } from "../../../lib/clock.ts";
import type { Removed, ToRemove } from "../../tree-remover.ts";
import { loadWinapi } from "../ffi/winapi.ts";
import { removeTree } from "./remove-tree.ts";

/** Removes folders; `null` ends it. */
parentPort!.on("message", (path: ToRemove) => {
  if (path === null) return parentPort!.close();
  removeTree(loadWinapi(), path, systemClock).then(
    () => parentPort!.postMessage({ path } satisfies Removed),
    (error: unknown) => parentPort!.postMessage({ path, error } satisfies Removed),
  );
});
