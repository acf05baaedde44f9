// node share-process.ts FILE...: runs test files one after another in this one process. Most of what a small test file costs is to load what it imports.
import { once } from "node:events";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { END_OF_FILE } from "./messages.ts";
import { boundaries } from "./reporter.ts";

const files = process.argv.slice(2);
/** Keeps the process from its end between two files. */
let betweenFiles: NodeJS.Timeout | undefined;
for (const [index, file] of files.entries()) {
  // A suite, so that hooks outside of the file's own suites are of this file alone.
  await describe(file, async () => {
    await import(pathToFileURL(file).href).finally(() => clearInterval(betweenFiles));
  });
  if (index === files.length - 1) break;
  const told = once(boundaries, "told"); // Else what ends the process in the next file would take this one's results along.
  void test(END_OF_FILE, nothingIsOpen);
  await told;
}

/** A process of the file's own would end only when nothing is left that may happen, and fail with what happens until then. So does this one. */
async function nothingIsOpen(): Promise<void> {
  const end = "beforeExit";
  const ofNode = process.listeners(end); // They would end the run.
  process.removeAllListeners(end);
  await new Promise<void>((resolve) => {
    process.once(end, () => {
      betweenFiles = setInterval(() => {}, 2 ** 30);
      setImmediate(resolve); // What goes on inside of the event could end without another one.
    });
  });
  for (const listener of ofNode) process.on(end, listener);
}
