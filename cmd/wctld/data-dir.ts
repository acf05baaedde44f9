import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { UsageError } from "./options.ts";

/**
 * Makes the data directory for this user alone, or refuses one that others own or can write (security S12): whoever writes there
 * decides what the daemon runs.
 */
export function prepareDataDir(dataDir: string): void {
  try {
    makeFolders(dataDir);
  } catch (error) {
    throw new UsageError(`--data-dir: cannot make ${dataDir}: ${(error as Error).message}`);
  }
  const stat = lstatSync(dataDir);
  if (stat.isSymbolicLink()) throw new UsageError(`--data-dir: ${dataDir} is a link; name the folder itself`);
  if (!stat.isDirectory()) throw new UsageError(`--data-dir: ${dataDir} is not a folder`);
  const uid = process.getuid?.();
  if (uid === undefined) return; // Windows: the ACL is the service's to check.
  if (stat.uid !== uid) {
    throw new UsageError(
      `--data-dir: ${dataDir} belongs to another user (uid ${stat.uid}); give it to uid ${uid}, or choose another`,
    );
  }
  if ((stat.mode & 0o022) !== 0) {
    throw new UsageError(`--data-dir: others can write to ${dataDir}; take that right away: chmod 700 ${dataDir}`);
  }
  if ((stat.mode & 0o077) !== 0) chmodSync(dataDir, 0o700);
}

/** As `mkdir -p`. Node's own tries for ever where a folder cannot be made although its parent is there, as below /proc. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/**
 * The name of this machine's Node object. Kept in the data directory: Instances are bound to it, and a machine that is renamed must
 * still find them.
 */
export function nodeName(dataDir: string): string {
  const file = join(dataDir, "node-name");
  try {
    const kept = readFileSync(file, "utf8").trim();
    if (/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(kept)) return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const name =
    hostname()
      .toLowerCase()
      .replace(/[^a-z0-9.-]+/g, "-")
      .replace(/^[^a-z0-9]+/, "")
      .slice(0, 63)
      .replace(/[^a-z0-9]+$/, "") || "localhost";
  writeFileSync(file, `${name}\n`, { mode: 0o600 });
  return name;
}
