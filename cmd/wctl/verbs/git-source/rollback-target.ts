import { parseRevision } from "../../../../api/git/revision.ts";
import type { GitSource } from "../../../../api/types.generated.ts";

/** Fewer digits tell too few commits apart. */
const FEWEST_DIGITS = 7;
const ALL_DIGITS = 40;

/**
 * The commit to go back to, or why there is none. `to`: the first digits of one that was applied, as `wctl get` shows it (`main@sha1:1234567`), or all 40 of any other; absent:
 * the one that was applied before the present one. Pure.
 */
export function rollbackTarget(
  { lastAppliedRevision = "", history = [] }: NonNullable<GitSource["status"]>,
  to: string | undefined,
): { commit: string } | { problem: string } {
  const commitIn = (revision: string): string => parseRevision(revision)?.commit ?? "";
  const applied = [...new Set(history.map(({ revision }) => commitIn(revision)))];
  if (to === undefined) {
    const before = applied.find((commit) => commit !== commitIn(lastAppliedRevision));
    return before
      ? { commit: before }
      : { problem: "its history has nothing before what is applied: name a commit by --to" };
  }
  const digits = to.replace(/^(?:.*@)?sha1:/, "").toLowerCase();
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < FEWEST_DIGITS || digits.length > ALL_DIGITS)
    return {
      problem: `--to ${JSON.stringify(to)} is no commit: ${FEWEST_DIGITS} to ${ALL_DIGITS} hexadecimal digits are`,
    };
  if (digits.length === ALL_DIGITS) return { commit: digits };
  const [found, ...others] = applied.filter((commit) => commit.startsWith(digits));
  if (others.length > 0)
    return { problem: `--to ${digits} is the beginning of several commits that were applied: give more digits` };
  return found
    ? { commit: found }
    : {
        problem: `no commit in its history begins with ${digits}: one that is not there needs all ${ALL_DIGITS} digits`,
      };
}
