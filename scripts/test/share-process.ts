// node share-process.ts FILE...: runs test files one after another in this one process. Most of what a small test file costs is to load what it imports.
import { once } from "node:events";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { END_OF_FILE } from "./messages.ts";
import { boundaries } from "./reporter.ts";

const files = process.argv.slice(2);
for (const [index, file] of files.entries()) {
  await import(pathToFileURL(file).href);
  if (index === files.length - 1) break;
  const told = once(boundaries, "told"); // Else what ends the process in the next file would take this one's results along.
  // Tests on top run in the order in which they were declared, so this one runs when all of the file have ended.
  void test(END_OF_FILE, () => {});
  await told;
}
