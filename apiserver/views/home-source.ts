/** What is noted of a home. */
export interface HomeEntry {
  /** The uid of its Process; of its Instance where no Process owns that. */
  owner: string;
  index: number;
  namespace: string;
  process: string;
  /** RFC 3339. */
  createdAt: string;
  /** The uid of the Instance that uses it. */
  instance?: string;
  /** RFC 3339. */
  releasedAt?: string;
}

/** The API server must show homes but never sees a folder: the daemon hands this in. */
export interface HomeSource {
  all(): HomeEntry[];
  folder(home: HomeEntry): string;
  /** Looks at so many of its files at most. */
  measure(home: HomeEntry, most: number): Promise<{ runs: number; bytes: number; isPartial: boolean }>;
  /** Resolves with false when an Instance uses it, or is about to. */
  remove(home: HomeEntry): Promise<boolean>;
}
