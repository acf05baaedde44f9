import { listServerRefs, type ServerRef } from "isomorphic-git";
import semver from "semver";
import type { GitRef } from "../../api/git/git-ref.ts";
import type { Revision } from "../../api/git/revision.ts";
import { GitError } from "../git-error.ts";
import type { Transport } from "../transport/transport.ts";

/** What `ref` is at the remote now; undefined: its HEAD. Nothing is fetched but names. Rejects with GitError. */
export async function resolveRef(transport: Transport, ref: GitRef | undefined): Promise<Revision> {
  if (ref && "commit" in ref) return { name: "", commit: ref.commit };
  const refs = (prefix: string): Promise<ServerRef[]> =>
    listServerRefs({ http: transport, url: transport.url, prefix, symrefs: true, peelTags: true });
  if (ref === undefined) return headOf(await refs("HEAD"));
  if ("branch" in ref) return named(await refs(`refs/heads/${ref.branch}`), "refs/heads/", ref.branch);
  if ("tag" in ref) return named(await refs(`refs/tags/${ref.tag}`), "refs/tags/", ref.tag);
  return newest(await refs("refs/tags/"), ref.semver);
}

function headOf(refs: readonly ServerRef[]): Revision {
  const head = refs.find(({ ref }) => ref === "HEAD");
  if (!head) throw notFound("the repository has no HEAD: name a branch in spec.ref");
  return { name: head.target?.replace("refs/heads/", "") ?? "HEAD", commit: head.oid };
}

function named(refs: readonly ServerRef[], prefix: string, name: string): Revision {
  const found = refs.find(({ ref }) => ref === prefix + name);
  if (!found)
    throw notFound(`the repository has no ${prefix === "refs/tags/" ? "tag" : "branch"} ${JSON.stringify(name)}`);
  return { name, commit: found.peeled ?? found.oid };
}

/** Of equal versions (`v1.0.0` and `1.0.0`) the name that sorts first, so that it is the same one each time. */
function newest(refs: readonly ServerRef[], range: string): Revision {
  const tags = refs
    .map(({ ref, oid, peeled }) => ({ name: ref.replace("refs/tags/", ""), commit: peeled ?? oid }))
    .filter(({ name }) => semver.valid(name) !== null && semver.satisfies(name, range))
    .sort((a, b) => semver.rcompare(a.name, b.name) || (a.name < b.name ? -1 : 1));
  const [first] = tags;
  if (!first) throw notFound(`the repository has no tag whose version is within ${JSON.stringify(range)}`);
  return first;
}

const notFound = (message: string): GitError => new GitError("RefNotFound", message);
