import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const project = join(import.meta.dirname, "..");
const WORKER = /new URL\("(\.\/[\w/-]+-worker)\.ts", import\.meta\.url\)/g;

/**
 * The program of a test that starts it many times: as one file of JavaScript, with its threads beside it, it needs a third of the processor time to
 * begin. It lies inside the project, where its packages are found, until this process ends. On Windows it is started from its source.
 */
export async function bundled(program: URL): Promise<string> {
  const source = fileURLToPath(program);
  if (process.platform === "win32") return source;
  const root = join(project, "build/test-programs");
  mkdirSync(root, { recursive: true });
  const folder = mkdtempSync(join(root, `${basename(source, ".ts")}-`));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await bundleInto(folder, source);
  return join(folder, `${basename(source, ".ts")}.mjs`);
}

async function bundleInto(folder: string, source: string): Promise<void> {
  const { build } = await import("esbuild");
  const workers = new Set<string>();
  await build({
    absWorkingDir: project,
    entryPoints: [source],
    outfile: join(folder, `${basename(source, ".ts")}.mjs`),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    packages: "external",
    logLevel: "warning",
    plugins: [workersBeside(workers)],
  });
  for (const worker of workers) await bundleInto(folder, worker);
}

/** Threads are asked for where the bundle lies, and told to `workers`. */
const workersBeside = (workers: Set<string>): Plugin => ({
  name: "workers-beside",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8").replace(WORKER, (_, worker: string) => {
        workers.add(join(dirname(path), `${worker}.ts`));
        return `new URL("./${basename(worker)}.mjs", import.meta.url)`;
      }),
    }));
  },
});
