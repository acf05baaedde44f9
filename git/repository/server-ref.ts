import type { ServerRef } from "isomorphic-git";
import { refNameProblem } from "../../api/git/git-ref.ts";
import { GitError } from "../git-error.ts";

export const BRANCHES = "refs/heads/";

/** What the server says is asked for, and shown: it has to be a hash. Throws GitError. */
export function commitOf({ oid, peeled = oid }: ServerRef): string {
  if (/^[0-9a-f]{40}$/.test(peeled)) return peeled;
  throw new GitError(
    "RepositoryInvalid",
    "the server names no commit by its SHA-1 hash: a repository of SHA-256 objects is not read",
  );
}

/** The branch that HEAD leads to; undefined where that is none, or has a name that none can have. */
export function branchOf({ target = "" }: ServerRef): string | undefined {
  const name = target.slice(BRANCHES.length);
  return target.startsWith(BRANCHES) && refNameProblem(name) === undefined ? name : undefined;
}
