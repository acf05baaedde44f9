import { closeSync, constants, existsSync, fchmodSync, fstatSync, lstatSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { distrustOfParents, realPathOf } from "../../../lib/safe-path.ts";
import { UsageError } from "../config/options.ts";

/** Nothing may be written to it, not even why the daemon did not start. */
export class DataDirNotTrusted extends UsageError {}

/**
 * Makes the data directory for this user alone, or refuses one that others own, can write, or can exchange because they can write to a folder
 * above it (security S12): whoever writes there decides what the daemon runs. Looked at on each start. Returns the path without links, the one that was
 * looked at; it is the one to use. Throws UsageError. Of POSIX; `windows-data-dir.ts` does it on Windows.
 */
export function prepareDataDir(named: string): string {
  if (lstatSync(named, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new UsageError(`--data-dir: ${named} is a link; name the folder itself`);
  }
  const dataDir = resolved(named);
  requireSafeParents(dataDir); // before anything is made there
  makeFolders(dataDir);
  requireSafeParents(dataDir);
  makePrivate(dataDir, process.getuid!());
  return dataDir;
}

function resolved(named: string): string {
  try {
    return realPathOf(named);
  } catch (error) {
    throw new UsageError(`--data-dir: cannot make ${named}: ${(error as Error).message}`);
  }
}

function requireSafeParents(dataDir: string): void {
  const why = distrustOfParents(dataDir);
  if (why === undefined) return;
  throw new UsageError(
    `--data-dir: others could exchange ${dataDir}: ${why}; only root and you may own and write the folders above it. Correct that, or choose another`,
  );
}

/** Uses the descriptor, so that it changes the very folder that it has checked. */
function makePrivate(dataDir: string, uid: number): void {
  const fd = openFolder(dataDir);
  try {
    const stat = fstatSync(fd);
    if (stat.uid !== uid) {
      throw new UsageError(
        `--data-dir: ${dataDir} belongs to another user (uid ${stat.uid}); give it to uid ${uid}, or choose another`,
      );
    }
    if ((stat.mode & 0o022) !== 0) {
      throw new UsageError(`--data-dir: others can write to ${dataDir}; take that right away: chmod 700 ${dataDir}`);
    }
    if ((stat.mode & 0o077) !== 0) fchmodSync(fd, 0o700);
  } finally {
    closeSync(fd);
  }
}

function openFolder(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOTDIR" || code === "ELOOP") throw new UsageError(`--data-dir: ${path} is not a folder`);
    throw new UsageError(`--data-dir: cannot open ${path}: ${(error as Error).message}`);
  }
}

/** As `mkdir -p`. Node's own never returns where a folder cannot be made although its parent exists, as below /proc. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw new UsageError(`--data-dir: cannot make ${folder}: ${(error as Error).message}`);
  }
}
