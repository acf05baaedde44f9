import type { Logger } from "../../../lib/logger.ts";
import { StartRefused } from "../start-refused.ts";
import { DataIdInUse, DataIdLock } from "./data-id-lock.ts";
import type { OriginFile } from "./origin.ts";

/**
 * Makes sure that no other daemon can own the processes of this data directory: refuses a copy (StartRefused), and takes the lock of its data id
 * (the same, while another daemon has it). A directory of a version that did not write its origin yet is taken as the original. The caller has the lock of the directory itself.
 */
export async function claimDataDir(dataDir: string, origin: OriginFile, logger: Logger): Promise<DataIdLock> {
  const why = origin.exists ? origin.whyCopied() : undefined;
  if (why !== undefined) throw copied(`${dataDir} is a copy: ${why}`, waysOn(dataDir));
  const lock = await acquire(dataDir);
  if (lock.squatted !== undefined && !origin.exists) {
    lock.release(); // Nobody could know the name before a daemon had it, so this may be one that hangs.
    throw copied(`another program has the name of the lock of ${dataDir}: ${lock.squatted}`, ["End it first"]);
  }
  if (lock.squatted !== undefined) {
    logger.warn(
      "another program has the name that is this daemon's lock: it is not one of ours, so the daemon starts",
      {
        reason: lock.squatted,
      },
    );
  }
  if (origin.isToBeWritten) origin.write();
  return lock;
}

async function acquire(dataDir: string): Promise<DataIdLock> {
  try {
    return await DataIdLock.acquire(dataDir);
  } catch (error) {
    if (!(error instanceof DataIdInUse)) throw error;
    throw new StartRefused("DataIdInUse", error.message, { ways: waysOn(dataDir), cause: error });
  }
}

const copied = (sentence: string, ways: readonly string[]): StartRefused =>
  new StartRefused("DataDirCopied", sentence, { ways });

const waysOn = (dataDir: string): string[] => [
  `To go on with this one instead of the other, stop the other for good and run: wctl data take-over --data-dir ${dataDir}`,
  `To run both, make this one a daemon of its own, which leaves the processes of the other alone: wctl data renew --data-dir ${dataDir}`,
];
