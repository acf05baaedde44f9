/** How a data directory is made from a backup. */
export interface RestoreOptions {
  /** The platform's when it is absent. */
  dataDir?: string | undefined;
  /** Of a backup that has one. */
  passphrase: Buffer | undefined;
  /** The daemon goes on as the one that was backed up; otherwise it is a new one with the same objects. */
  takeOver: boolean;
  /** A data directory that is there is moved aside. */
  force: boolean;
}

export interface Restored {
  dataDir: string;
  /** Where the old data directory is now. */
  aside?: string;
  /** When the backup was made. */
  createdAt: string;
  /** The configuration of the daemon that was backed up. */
  config?: string;
}
