import { parentPort } from "node:worker_threads";
import type { Removed, ToRemove } from "../../tree-remover.ts";
import { removeTree } from "./remove-tree.ts";

/** So many entries of one folder are removed before it is the next one's turn. */
const AT_ONCE = 2000;
const port = parentPort!;
const waiting: string[] = [];
let ending = false;

/** Removes folders in turns, so that a small one never waits for a large one; `null` ends it when all are gone. */
port.on("message", (path: ToRemove) => {
  if (path === null) ending = true;
  else if (waiting.push(path) === 1) setImmediate(turn);
  endWhenDone();
});

function turn(): void {
  const path = waiting.shift()!;
  const removed = attempt(path);
  if (removed) port.postMessage(removed);
  else waiting.push(path);
  if (waiting.length > 0) setImmediate(turn);
  endWhenDone();
}

/** Undefined: there is more. */
function attempt(path: string): Removed | undefined {
  try {
    return removeTree(path, AT_ONCE) ? { path } : undefined;
  } catch (error) {
    return { path, error };
  }
}

function endWhenDone(): void {
  if (ending && waiting.length === 0) port.close();
}
