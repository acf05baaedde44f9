import type { GitRef } from "../../api/git/git-ref.ts";
import type { Revision } from "../../api/git/revision.ts";
import { oneLine } from "../../lib/one-line.ts";
import { GitError } from "../git-error.ts";
import type { NotedTransport } from "../transport/noted-transport.ts";
import { type Commit, parseCommit } from "./commit.ts";
import { LocalCopy, Missing } from "./local-copy.ts";
import { branchTip } from "./push/branch-tip.ts";
import type { Change, Tip } from "./push/change.ts";
import { makeCommit } from "./push/make-commit.ts";
import { resolveRef } from "./resolve-ref.ts";
import { type TreeFiles, type TreeLimits, treeFiles } from "./tree-files.ts";

export interface GitTree extends TreeFiles {
  commit: Commit;
}

/** Which files of which commit. */
export interface Wanted {
  commit: string;
  /** Folder in it. */
  path: string;
  limits: TreeLimits;
  /** Manifests only, or every file. */
  which: "manifests" | "all";
  /** A commit that stays in the local copy when that is made anew: what was applied last. */
  keep?: string | undefined;
}

/** What unpacks may be larger than what is read of it: there is more in a repository than the manifests of one host. */
const PACK_SHARE = 4;
const MOST_OBJECTS = 200_000;
/** Of a pack that is sent nothing is written here. */
const MOST_PUSHED = 0;
/** Of a message of the library or of the server. */
const LONGEST_MESSAGE = 300;
const MANIFEST = /\.(?:ya?ml|json)(?:\.age)?$|^Kustomization$/i;

/** Without a transport only what was fetched before is there. Rejects with GitError. */
export class Repository {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  resolve(transport: NotedTransport, ref: GitRef | undefined): Promise<Revision> {
    return explained(transport, resolveRef(transport, ref));
  }

  /** Where a branch is, which may be that of an empty repository; undefined: the main one. */
  tip(transport: NotedTransport, branch: string | undefined): Promise<Tip> {
    return explained(transport, branchTip(transport, branch));
  }

  /** Adds a commit to a branch, on top of one whose files were read before. Returns it. */
  async push(transport: NotedTransport, change: Change): Promise<string> {
    const copy = new LocalCopy(this.#folder, { objects: MOST_OBJECTS, bytes: MOST_PUSHED });
    const commit = await makeCommit(copy, change).catch((error: unknown) => {
      throw error instanceof Missing ? gone(change.parent ?? "") : error;
    });
    await explained(transport, copy.push(transport, commit, change));
    return commit;
  }

  /** The manifests of a commit, which is fetched when it is not there, or not whole. */
  async files({ commit, path, limits, which, keep }: Wanted, from?: NotedTransport): Promise<GitTree> {
    const copy = new LocalCopy(this.#folder, { objects: MOST_OBJECTS, bytes: limits.bytes * PACK_SHARE });
    const read = async (): Promise<GitTree> => {
      const head = parseCommit(commit, await copy.read(commit, "commit"));
      const files = await treeFiles(copy, head.tree, path, limits, {
        isManifest: (name) => MANIFEST.test(name),
        isWanted: (name) => which === "all" || MANIFEST.test(name),
      });
      return { commit: head, ...files };
    };
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Missing) || !from) throw error instanceof Missing ? gone(commit) : error;
    }
    // First with what is there, then without: what is damaged there is not sent again.
    let missing = "";
    for (const anew of [false, true]) {
      try {
        await explained(from, copy.fetch(from, commit, anew, keep));
        return await read();
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        missing = error.message;
      }
    }
    throw missing === `commit ${commit}` ? notGiven(commit) : notWhole(commit);
  }
}

const notGiven = (commit: string): GitError =>
  new GitError("RefNotFound", `the server does not have the commit ${commit}, or gives none by its hash`);

const notWhole = (commit: string): GitError =>
  new GitError("RepositoryInvalid", `the server does not send all of ${commit}`);

const gone = (commit: string): GitError =>
  new GitError("FetchFailed", `the local copy does not have ${commit}, and the repository cannot be asked`);

/** What the transport says is the cause; what the library makes of it is not. */
async function explained<T>(transport: NotedTransport, asked: Promise<T>): Promise<T> {
  try {
    const value = await asked;
    if (transport.failure) throw transport.failure;
    return value;
  } catch (error) {
    throw transport.failure ?? explanation(error);
  }
}

function explanation(error: unknown): GitError | Missing {
  if (error instanceof GitError || error instanceof Missing) return error;
  const { code, message = String(error) } = error as { code?: string; message?: string };
  const said = oneLine(message, LONGEST_MESSAGE);
  if (code === "SmartHttpError")
    return new GitError(
      "FetchFailed",
      "the server does not answer as a git server does: is spec.url the URL of a repository?",
    );
  if (code === "NotFoundError")
    return new GitError("RefNotFound", `the server does not have what was asked for: ${said}`);
  return new GitError("FetchFailed", `the server's answer cannot be read: ${said}`);
}
