import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";

const rooms = ["lib", "api", "store", "machinery", "runtime", "git", "apiserver", "controllers", "cmd"];

/** Where `bundled-workers.mjs` looks, below the project. */
const FOLDER = "build/workers";

/**
 * Bundles each `*-worker.ts` of the project in `root` for its tests. A test opens a store or a runtime, and so a thread, many hundred times; from one file
 * of JavaScript a thread begins in half of the processor time.
 */
export async function bundleWorkers(root: string): Promise<void> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: rooms.filter((room) => existsSync(join(root, room))).map((room) => `./${room}/**/*-worker.ts`),
    outdir: FOLDER,
    entryNames: "[name]",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    packages: "external",
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const folder = join(root, FOLDER);
  mkdirSync(folder, { recursive: true });
  const bundles: Record<string, { bundle: string; inputs: string[] }> = {};
  const texts = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  for (const [path, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
    const bundle = basename(path);
    replace(join(folder, bundle), texts.get(bundle)!);
    if (entryPoint !== undefined) bundles[entryPoint] = { bundle, inputs: Object.keys(inputs) };
  }
  replace(join(folder, "bundles.json"), JSON.stringify(bundles));
}

/** Whole or not at all: another run may be reading it. */
function replace(path: string, contents: string | Uint8Array): void {
  const next = `${path}.${process.pid}`;
  writeFileSync(next, contents);
  renameSync(next, path);
}
