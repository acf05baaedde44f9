// node scripts/run.mjs scripts/release-notes.ts v1.2.3: what CHANGELOG.md says of that version, on stdout. Exits 1 when the tag is not
// that of package.json or there is nothing to say.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkTag, releaseNotes } from "./dist/release-notes.ts";

const project = resolve(import.meta.dirname, "..");
const read = (name: string): string => readFileSync(join(project, name), "utf8");

try {
  const { version } = JSON.parse(read("package.json")) as { version: string };
  checkTag(process.argv[2] ?? "(none)", version);
  process.stdout.write(releaseNotes(read("CHANGELOG.md"), version));
} catch (error) {
  console.error(`release-notes: ${(error as Error).message}`);
  process.exitCode = 1;
}
