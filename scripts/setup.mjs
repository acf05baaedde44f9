// Brings what the project needs, from the npm registry only: the locked packages, and Node 22 itself, which is one of
// them. Plain JavaScript for any Node >= 16 and without dependencies, because it runs before anything is there.
// A second call only compares two hashes.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
/** Holds the hash of the lock file whose packages are there. `npm ci` removes it first, and it is written last: an install that was interrupted counts as none. */
const installed = join(modules, ".installed");

/**
 * Installs the locked packages when they are missing or another lock file's.
 * @returns {string} the path of a Node that runs TypeScript as it is (>= 22.18 and < 23)
 */
export function setup() {
  if (!isInstalled()) install();
  return nodePath();
}

function isInstalled() {
  return existsSync(installed) && readFileSync(installed, "utf8") === hashOfLock();
}

function hashOfLock() {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
}

function install() {
  console.error("setup: npm ci (packages and Node 22, once)");
  // No install scripts: nothing that was downloaded runs before the lock file's hashes have been checked and someone asks
  // for it. The loglevel hides the warning that the older Node at hand is not the one the project runs on.
  const [command, ...before] = npm();
  const args = [...before, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (error !== undefined)
    fail(`npm could not be started (${error.message}); install npm first, e.g. apt-get install npm`);
  if (status !== 0) fail(`npm ci failed with exit code ${status}; its message is above`);
  writeFileSync(installed, hashOfLock());
}

/** On Windows npm is a .cmd file, which only a shell can start; its JavaScript beside node.exe needs none. */
function npm() {
  const candidates = [
    process.env.npm_execpath,
    join(dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const script = candidates.find((path) => path !== undefined && /npm-cli\.c?js$/.test(path) && existsSync(path));
  return script === undefined ? ["npm"] : [process.execPath, script];
}

function nodePath() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major === 22 && minor >= 18) return process.execPath;
  const isWindows = process.platform === "win32";
  const name = `node-${isWindows ? "win" : process.platform}-${process.arch}`;
  const path = join(modules, name, "bin", isWindows ? "node.exe" : "node");
  if (existsSync(path)) return path;
  return fail(
    `this is Node ${process.versions.node}; the project runs on Node >= 22.18 and < 23, and there is no package ` +
      `"${name}" for this machine. Install Node 22 and run the command again`,
  );
}

/** @returns {never} */
function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(`ready: ${setup()}`);
}
