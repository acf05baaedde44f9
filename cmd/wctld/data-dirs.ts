import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Restored, RestoreOptions } from "../../api/backup/restore.ts";
import { systemClock } from "../../lib/clock.ts";
import { restoreBackup } from "./backup/restore-backup.ts";
import { inputTrust } from "./config/input-trust.ts";
import { DataDirLock } from "./data-dir/data-dir-lock.ts";
import { DataIdLock } from "./data-dir/data-id-lock.ts";
import { defaultDataDir } from "./data-dir/default-data-dir.ts";
import { daemonNotes } from "./lifecycle/daemon-notes.ts";
import { keyProtection, openDataDir, originOf } from "./platform.ts";

/** What names this daemon to its workloads and clients. The next start makes all of it anew. */
const NAMES = [
  "data-id",
  "run-key",
  "containment.json",
  "keeper.json",
  "dynamic-users.json",
  "ports.jsonl",
  "pki",
  "tokens.key",
  "admin.kubeconfig",
];

/** What `wctl data` and `wctl restore` do with the data directory of a daemon that does not run. Each rejects with what to do, and returns the directory. */
export const dataDirs = {
  /** The copy goes on as the original, and adopts what runs. Rejects with DataIdInUse while a daemon with its data id runs here. */
  async takeOver(named?: string): Promise<string> {
    return alone(named, async (dataDir) => {
      const lock = await DataIdLock.acquire(dataDir);
      try {
        if (lock.squatted !== undefined) throw new Error(`another program has the name of the lock: ${lock.squatted}`);
        (await originOf(dataDir)).write();
      } finally {
        lock.release();
      }
    });
  },

  /**
   * The copy becomes a daemon of its own with the same desired state: records of runs go first, because they name the processes of the original, and
   * the origin is written last. So one that is cut off is still a copy, and can be renewed again. What runs for an original would lose its daemon and
   * be started a second time, so that wants `force`.
   */
  async renew(named: string | undefined, { force }: { force: boolean }): Promise<string> {
    return alone(named, async (dataDir) => {
      const origin = await originOf(dataDir);
      if (!force && origin.exists && origin.whyCopied() === undefined) throw new Error(isNoCopy(dataDir));
      forgetRuns(join(dataDir, "instances"));
      for (const name of NAMES) rmSync(join(dataDir, name), { recursive: true, force: true });
      origin.write();
    });
  },

  /** A data directory from a backup, as `restoreBackup` makes it. */
  async restore(file: string, { dataDir = defaultDataDir(), ...how }: RestoreOptions): Promise<Restored> {
    const [protection, trust] = [await keyProtection(), await inputTrust()];
    return restoreBackup(
      file,
      { dataDir, ...how },
      { openDataDir, originOf, protection, trust, now: systemClock.wall() },
    );
  },
};

const isNoCopy = (dataDir: string): string =>
  `${dataDir} is no copy: its own processes would go on without a daemon, and run a second time. If none of them runs, as on a clone of a machine, use --force`;

async function alone(named: string | undefined, act: (dataDir: string) => Promise<void>): Promise<string> {
  const dataDir = await openDataDir(named ?? defaultDataDir());
  const lock = new DataDirLock(dataDir);
  try {
    await act(dataDir);
    daemonNotes.forget(dataDir); // What kept its daemon from starting is no more.
  } finally {
    lock.release();
  }
  return dataDir;
}

/** Logs and working directories stay. */
function forgetRuns(instances: string): void {
  for (const { parentPath, name } of foldersIn(instances)) {
    const folder = join(parentPath, name);
    for (const file of readdirSync(folder)) if (/^run-\d+\.jsonl$/.test(file)) rmSync(join(folder, file));
  }
}

function foldersIn(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
