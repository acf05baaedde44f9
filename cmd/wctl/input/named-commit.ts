import { parseRevision } from "../../../api/git/revision.ts";
import type { GitSource } from "../../../api/types.generated.ts";

/** Fewer digits tell too few commits apart. */
const FEWEST_DIGITS = 7;
const ALL_DIGITS = 40;

export type NamedCommit = { commit: string } | { problem: string };

/** Every commit that was applied, newest first, each once. */
export const appliedCommits = ({ history = [] }: NonNullable<GitSource["status"]>): string[] => [
  ...new Set(history.map(({ revision }) => parseRevision(revision)?.commit ?? "")),
];

/**
 * The commit that is meant, or why there is none. `text`, which the flag of this name says: the first digits of one that was applied, as `wctl get` shows it
 * (`main@sha1:1234567`), or all 40 of any other. Pure.
 */
export function namedCommit(text: string, status: NonNullable<GitSource["status"]>, flag: string): NamedCommit {
  const digits = text.replace(/^(?:.*@)?sha1:/, "").toLowerCase();
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < FEWEST_DIGITS || digits.length > ALL_DIGITS)
    return {
      problem: `--${flag} ${JSON.stringify(text)} is no commit: ${FEWEST_DIGITS} to ${ALL_DIGITS} hexadecimal digits are`,
    };
  if (digits.length === ALL_DIGITS) return { commit: digits };
  const [found, ...others] = appliedCommits(status).filter((commit) => commit.startsWith(digits));
  if (others.length > 0)
    return { problem: `--${flag} ${digits} is the beginning of several commits that were applied: give more digits` };
  return found
    ? { commit: found }
    : {
        problem: `no commit in its history begins with ${digits}: one that is not there needs all ${ALL_DIGITS} digits`,
      };
}
