import { listServerRefs } from "isomorphic-git";
import { GitError } from "../../git-error.ts";
import type { Transport } from "../../transport/transport.ts";
import { BRANCHES, branchOf, commitOf } from "../server-ref.ts";
import { wholeLists } from "../whole-lists.ts";
import type { Tip } from "./change.ts";

/** Of a repository that has none and does not say. */
const FIRST_BRANCH = "main";

/** Where a branch is, without a name the main one. Unlike whoever only reads, whoever pushes may find the repository empty. Rejects with GitError. */
export async function branchTip(transport: Transport, branch: string | undefined): Promise<Tip> {
  const refs = await listServerRefs({ http: wholeLists(transport), url: transport.url, symrefs: true });
  const head = refs.find(({ ref }) => ref === "HEAD");
  const branches = refs.filter(({ ref }) => ref.startsWith(BRANCHES));
  const name = branch ?? (head && branchOf(head));
  if (branches.length === 0) return { branch: name ?? FIRST_BRANCH, commit: undefined };
  if (name === undefined) throw notFound("the HEAD of the repository is no branch: name one");
  const found = branches.find(({ ref }) => ref === BRANCHES + name);
  if (!found) throw notFound(`the repository has no branch ${JSON.stringify(name)}`);
  return { branch: name, commit: commitOf(found) };
}

const notFound = (message: string): GitError => new GitError("RefNotFound", message);
