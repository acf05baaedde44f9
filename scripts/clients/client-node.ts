import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { execa } from "execa";

/** Its package and lock file are its own: 83 MB in 68 packages, which nobody else should pay for. */
const locked = resolve(import.meta.dirname, "../../test/clients/client-node");
const place = resolve(import.meta.dirname, "../../build/clients");
/** Against a network that never answers. */
const HUNG_MS = 100_000;
/** Packages of CommonJS in a module of ECMAScript. */
const banner = `import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);`;

/**
 * Brings `@kubernetes/client-node` as one module, unless it is in build/clients already. npm verifies hashes, and no script of a package runs. Resolves with
 * the module's path, or with why it can't be had; never rejects.
 */
export async function bringClientNode(): Promise<{ path: string } | { missing: string }> {
  const lock = readFileSync(join(locked, "package-lock.json"));
  const path = join(place, `client-node-${createHash("sha256").update(lock).digest("hex").slice(0, 16)}.mjs`);
  try {
    if (!existsSync(path)) await bring(path);
    return { path };
  } catch (error) {
    return { missing: reasonOf(error as Error) };
  }
}

async function bring(path: string): Promise<void> {
  mkdirSync(place, { recursive: true });
  const work = mkdtempSync(join(place, ".client-node-"));
  try {
    for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(locked, file), join(work, file));
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"];
    await execa("npm", ["ci", ...options], { cwd: work, timeout: HUNG_MS });
    const entry = join(work, "entry.mjs");
    const outfile = join(work, "bundle.mjs");
    writeFileSync(entry, 'export * from "@kubernetes/client-node";\n');
    const shape = { bundle: true, platform: "node", format: "esm", target: "node22", banner: { js: banner } } as const;
    await build({ ...shape, entryPoints: [entry], outfile, logLevel: "silent" });
    renameSync(outfile, path);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The first complaint of npm. */
function reasonOf(error: Error & { stderr?: string; shortMessage?: string; code?: string }): string {
  if (error.code === "ENOENT") return "there is no npm";
  const complaint = error.stderr?.split("\n").find((line) => /^npm (error|ERR!) /.test(line));
  return complaint ?? error.shortMessage ?? error.message;
}
