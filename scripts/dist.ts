// make dist: what a release for Windows consists of, built on this machine, in dist/. Signed when SIGNING_CERTIFICATE_FILE and
// SIGNING_PASSWORD_FILE are set (scripts/dist/sign.ts): the program before it goes into the installer, and both before they are hashed.
//   make dist RELEASE_URL=https://HOST/PATH/   where it will be published, for the manifests of winget and scoop
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { wctlVersion as version } from "../lib/version.ts";
import { bundle } from "./build/bundle.ts";
import { makeExecutable } from "./build/executable.ts";
import { windows } from "./build/target.ts";
import { makeMsi, productCodeOf } from "./dist/msi.ts";
import { type Release, releaseUrl, scoopManifest, wingetManifests } from "./dist/package-managers.ts";
import { sbomOf } from "./dist/sbom.ts";
import { sign, signingOf } from "./dist/sign.ts";
import { fetchPackages } from "./windows/prefix.ts";

const project = resolve(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    "exe-only": { type: "boolean", default: false },
    out: { type: "string", default: join(project, "dist") },
    // Of the installer alone: an upgrade can be tried before there is a next version.
    "installer-version": { type: "string", default: version },
  },
});
const { url, isKnown } = releaseUrl(process.env.RELEASE_URL);
const signing = signingOf(process.env);
const dist = resolve(values.out);
const path = (name: string): string => join(dist, name);
const hashOf = (name: string): string =>
  createHash("sha256")
    .update(readFileSync(path(name)))
    .digest("hex");
const say = (name: string): void => console.error(`dist: ${name} (${(statSync(path(name)).size / 1e6).toFixed(1)} MB)`);

if (!values["exe-only"]) rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, "winget"), { recursive: true });
const addons = await makeProgram();
if (!values["exe-only"]) {
  const msi = await makeInstaller();
  writeJson(`wctl-${version}.cdx.json`, sbom());
  const release: Release = { version, url, exe: hashOf("wctl.exe"), ...(msi ? { msi } : {}) };
  writeJson("wctl.scoop.json", scoopManifest(release));
  for (const [name, text] of Object.entries(wingetManifests(release))) writeFileSync(path(`winget/${name}`), text);
  if (!signing)
    console.error("dist: NOTHING IS SIGNED: SIGNING_CERTIFICATE_FILE and SIGNING_PASSWORD_FILE are not set");
  if (!isKnown) console.error(`dist: RELEASE_URL IS NOT SET: the manifests of winget and scoop lead to ${url}`);
  writeSums();
}

/** Answers the native addons inside it, by the file names it looks for. */
async function makeProgram(): Promise<Map<string, Uint8Array>> {
  fetchPackages();
  const modules = join(project, "node_modules");
  const target = windows(join(project, "build/windows/node_modules"));
  const contents = await bundle(project, modules, target);
  await makeExecutable(contents, path("wctl.exe"), target);
  if (signing) await sign(path("wctl.exe"), signing);
  say("wctl.exe");
  return new Map(
    [...contents.assets].flatMap(([name, bytes]) => (name.startsWith("koffi-") ? [[`${name}.node`, bytes]] : [])),
  );
}

/** Undefined where the tools are missing and can't be had. */
async function makeInstaller(): Promise<Release["msi"]> {
  if (!haveTools()) {
    console.error("dist: NO MSI WAS MADE: wixl and msibuild are missing. As root: apt-get install -y wixl msitools");
    return undefined;
  }
  const { "installer-version": number } = values;
  const file = `wctl-${number}-x64.msi`;
  const program = path("wctl.exe");
  await makeMsi({ program, version: number, out: path(file), addons });
  if (signing) await sign(path(file), signing);
  say(file);
  return { file, hash: hashOf(file), productCode: productCodeOf(program, number) };
}

function haveTools(): boolean {
  const there = (): boolean => ["wixl", "msibuild"].every((tool) => spawnSync(tool, ["--version"]).error === undefined);
  if (there()) return true;
  if (process.getuid?.() !== 0) return false;
  console.error("dist: apt-get install wixl msitools");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const args = ["install", "-y", "-qq", "--no-install-recommends", "wixl", "msitools"];
  spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore", env });
  spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env });
  return there();
}

function sbom(): object {
  const lock = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8"));
  return sbomOf(lock, { version, program: readFileSync(path("wctl.exe")) });
}

function writeJson(name: string, value: object): void {
  writeFileSync(path(name), `${JSON.stringify(value, null, 2)}\n`);
}

/** As `sha256sum -c` reads it. */
function writeSums(): void {
  const names = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(path(name)).isFile(),
  );
  writeFileSync(
    path("SHA256SUMS"),
    names
      .sort()
      .map((name) => `${hashOf(name)}  ${name}\n`)
      .join(""),
  );
}
