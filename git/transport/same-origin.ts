import { oneLine } from "../../lib/one-line.ts";
import { GitError } from "../git-error.ts";

const LONGEST_HOST = 300;

/** Where a redirect leads. Throws GitError when that is another server than `from`: credentials never leave it, and nobody is sent to a neighbour of the daemon. */
export function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (to && isSameServer(from, to)) return to;
  const where = to ? oneLine(`${to.protocol}//${to.host}`, LONGEST_HOST) : "a place that is no URL";
  throw new GitError(
    "FetchFailed",
    `the server redirects to ${where}, another host, which is not followed: if that is right, put its URL into spec.url`,
  );
}

export const isSameServer = (one: URL, other: URL): boolean =>
  one.origin === other.origin && other.username === "" && other.password === "";
