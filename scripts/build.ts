// make build: build/wctl, one executable that needs no Node. Does nothing when it would come out the same.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Bundle, bundle } from "./build/bundle.ts";
import { makeExecutable } from "./build/executable.ts";
import { host } from "./build/target.ts";

const project = resolve(import.meta.dirname, "..");
const ending = process.platform === "win32" ? ".exe" : "";
const { values } = parseArgs({
  options: {
    root: { type: "string", default: project },
    out: { type: "string", default: join(project, `build/wctl${ending}`) },
  },
});
const modules = join(project, "node_modules");
const target = host(modules);
const out = resolve(values.out);

const started = performance.now();
const contents = await bundle(resolve(values.root), modules, target).catch((error: Error) => {
  if (!("errors" in error)) console.error(`build: ${error.message}`); // esbuild has printed its own
  process.exit(1);
});
const fingerprint = fingerprintOf(contents);
const record = `${out}.fingerprint`;
if (existsSync(out) && existsSync(record) && readFileSync(record, "utf8") === fingerprint) {
  console.error(`build: ${values.out} is up to date`);
} else {
  mkdirSync(dirname(out), { recursive: true });
  await makeExecutable(contents, out, target);
  writeFileSync(record, fingerprint);
  const size = Math.round(statSync(out).size / 1e6);
  console.error(`build: ${values.out} (${size} MB) in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Of everything the executable is made of: the bundled scripts, the way they are put together, and Node. */
function fingerprintOf({ boot, parts, assets }: Bundle): string {
  const hash = createHash("sha256");
  for (const [name, bytes] of [["boot", boot] as const, ...parts, ...assets]) hash.update(`${name}\0`).update(bytes);
  for (const file of [
    "executable.ts",
    "code-cache.ts",
    "warm-up.ts",
    "sea.ts",
    "linux-program.ts",
    "windows-program.ts",
    "page-alignment.ts",
  ]) {
    hash.update(readFileSync(join(import.meta.dirname, "build", file)));
  }
  return hash.update(process.version).digest("hex");
}
