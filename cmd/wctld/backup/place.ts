import { existsSync, readdirSync, renameSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { syncDirectory } from "../../../lib/sync-directory.ts";
import { DataDirLock } from "../data-dir/data-dir-lock.ts";

export interface Place {
  dataDir: string;
  /** A data directory that is there is moved aside. */
  force: boolean;
  now: Date;
}

const isOccupied = (dataDir: string): boolean => existsSync(dataDir) && readdirSync(dataDir).length > 0;

/**
 * Throws unless a data directory can come to lie there: DataDirInUse while its daemon runs. `look` refuses a directory of somebody else, in which
 * nothing must be opened: what lies there may be links.
 */
export async function requirePlace(
  { dataDir, force }: Place,
  look: (dataDir: string) => Promise<unknown>,
): Promise<void> {
  if (!isOccupied(dataDir)) return;
  if (!force) throw new Error(`${dataDir} is not empty; choose another --data-dir, or --force, which moves it aside`);
  await look(dataDir);
  new DataDirLock(dataDir).release();
}

/** Gives the directory `from` its name, and moves aside what is there by then. Returns where that is now. */
export async function takePlace(
  from: string,
  place: Place,
  look: (dataDir: string) => Promise<unknown>,
): Promise<string | undefined> {
  const { dataDir } = place;
  await requirePlace(place, look);
  const aside = makeRoom(place);
  renameSync(from, dataDir);
  syncDirectory(dirname(dataDir));
  return aside;
}

function makeRoom({ dataDir, now }: Place): string | undefined {
  if (!existsSync(dataDir)) return undefined;
  if (!isOccupied(dataDir)) {
    rmdirSync(dataDir);
    return undefined;
  }
  const aside = `${dataDir}.before-${now.toISOString().replace(/[:.]/g, "-")}`;
  const lock = new DataDirLock(dataDir); // A daemon that starts now is refused.
  if (process.getuid === undefined) lock.release(); // Windows moves no folder in which a file is open, so not that of a daemon either.
  renameSync(dataDir, aside);
  if (process.getuid !== undefined) lock.release();
  return aside;
}
