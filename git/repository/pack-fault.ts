import { GitError } from "../git-error.ts";

export const damaged = (what: string): GitError =>
  new GitError("RepositoryInvalid", `the server sent a damaged pack: ${what}; it is asked for again`);

export const tooLarge = (what: string): GitError =>
  new GitError(
    "LimitExceeded",
    `the pack of this revision has ${what}: make the repository smaller, or raise spec.limits of the GitSource`,
  );
