import { listServerRefs, type ServerRef } from "isomorphic-git";
import semver from "semver";
import { type GitRef, refNameProblem } from "../../api/git/git-ref.ts";
import type { Revision } from "../../api/git/revision.ts";
import { GitError } from "../git-error.ts";
import type { Transport } from "../transport/transport.ts";
import { BRANCHES, branchOf, commitOf } from "./server-ref.ts";
import { wholeLists } from "./whole-lists.ts";

const TAGS = "refs/tags/";

/** What `ref` is at the remote now; undefined: its HEAD. Nothing is fetched but names. Rejects with GitError. */
export async function resolveRef(transport: Transport, ref: GitRef | undefined): Promise<Revision> {
  if (ref && "commit" in ref) return { name: "", commit: ref.commit };
  const refs = (prefix: string): Promise<ServerRef[]> =>
    listServerRefs({ http: wholeLists(transport), url: transport.url, prefix, symrefs: true, peelTags: true });
  if (ref === undefined) return headOf(await refs("HEAD"));
  if ("branch" in ref) return named(await refs(BRANCHES + ref.branch), BRANCHES, ref.branch);
  if ("tag" in ref) return named(await refs(TAGS + ref.tag), TAGS, ref.tag);
  return newest(await refs(TAGS), ref.semver);
}

function headOf(refs: readonly ServerRef[]): Revision {
  const head = refs.find(({ ref }) => ref === "HEAD");
  if (!head) throw notFound("the repository has no HEAD: name a branch in spec.ref");
  return { name: branchOf(head) ?? "HEAD", commit: commitOf(head) };
}

function named(refs: readonly ServerRef[], prefix: string, name: string): Revision {
  const found = refs.find(({ ref }) => ref === prefix + name);
  if (!found) throw notFound(`the repository has no ${prefix === TAGS ? "tag" : "branch"} ${JSON.stringify(name)}`);
  return { name, commit: commitOf(found) };
}

/** Of equal versions (`v1.0.0` and `1.0.0`) the name that sorts first, so that it is the same one each time. */
function newest(refs: readonly ServerRef[], range: string): Revision {
  const [first] = refs
    .filter(({ ref }) => ref.startsWith(TAGS))
    .map((found) => ({ name: found.ref.slice(TAGS.length), found }))
    .filter(({ name }) => refNameProblem(name) === undefined && semver.valid(name) !== null)
    .filter(({ name }) => semver.satisfies(name, range))
    .sort((a, b) => semver.rcompare(a.name, b.name) || (a.name < b.name ? -1 : 1));
  if (!first) throw notFound(`the repository has no tag whose version is within ${JSON.stringify(range)}`);
  return { name: first.name, commit: commitOf(first.found) };
}

const notFound = (message: string): GitError => new GitError("RefNotFound", message);
