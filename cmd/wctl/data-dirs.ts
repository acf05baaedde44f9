import type { Restored, RestoreOptions } from "../../api/backup/restore.ts";

/** What the verbs want of the data directory of a daemon that does not run. The daemon's side provides it; its errors are for people. */
export interface DataDirs {
  /** The copy takes the place of its original. `dataDir` is the platform's when it is absent; resolves with the one that was used. */
  takeOver(dataDir?: string): Promise<string>;
  /** The copy becomes a daemon of its own; an original only by force. */
  renew(dataDir: string | undefined, options: { force: boolean }): Promise<string>;
  /** A data directory from a backup. Rejects with what is wrong with it; then nothing was changed. */
  restore(file: string, options: RestoreOptions): Promise<Restored>;
}
