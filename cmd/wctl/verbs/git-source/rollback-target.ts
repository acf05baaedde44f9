import { parseRevision } from "../../../../api/git/revision.ts";
import type { GitSource } from "../../../../api/types.generated.ts";
import { appliedCommits, type NamedCommit, namedCommit } from "../../input/named-commit.ts";

/** The commit to go back to, or why there is none. `to`: as `namedCommit` reads it; absent: the one that was applied before the present one. Pure. */
export function rollbackTarget(status: NonNullable<GitSource["status"]>, to: string | undefined): NamedCommit {
  if (to !== undefined) return namedCommit(to, status, "to");
  const present = parseRevision(status.lastAppliedRevision ?? "")?.commit ?? "";
  const before = appliedCommits(status).find((commit) => commit !== present);
  return before
    ? { commit: before }
    : { problem: "its history has nothing before what is applied: name a commit by --to" };
}
