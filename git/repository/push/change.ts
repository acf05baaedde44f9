/** Files that are added to a branch, by one commit on top of what was read of it. */
export interface Change {
  branch: string;
  /** The commit that was read; undefined: the repository was empty. */
  parent: string | undefined;
  /** Text by path, from the root of the repository, with forward slashes. */
  files: Readonly<Record<string, string>>;
  message: string;
  author: { name: string; email: string };
  /** Seconds since 1970. */
  at: number;
}

/** Where a branch is now. */
export interface Tip {
  branch: string;
  /** Undefined: the repository has no commit at all. */
  commit: string | undefined;
}
