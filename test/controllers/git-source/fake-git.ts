import { createHash } from "node:crypto";
import type { GitRef } from "../../../api/git/git-ref.ts";
import type { Revision } from "../../../api/git/revision.ts";
import { GitError } from "../../../git/git-error.ts";
import type { GitReading } from "../../../git/repository/git-thread.ts";
import type { GitTree, Wanted } from "../../../git/repository/repository.ts";
import type { GitRemote } from "../../../git/transport/transport.ts";

const hashOf = (text: string): string => createHash("sha1").update(text).digest("hex");

/** A repository in memory: what a test pushes; and its local copy, which has what was fetched. */
export class FakeGit implements GitReading {
  readonly remotes: GitRemote[] = [];
  head = "";
  failure: GitError | undefined;
  isClosed = false;
  /** How often anything was asked, the local copy too. */
  asked = 0;
  readonly #commits = new Map<string, Record<string, string>>();
  readonly #fetched = new Set<string>();

  /** Returns the commit. */
  push(files: Record<string, string>): string {
    this.head = hashOf(JSON.stringify([files, this.#commits.size]));
    this.#commits.set(this.head, files);
    return this.head;
  }

  async resolve(remote: GitRemote, ref: GitRef | undefined): Promise<Revision> {
    this.asked += 1;
    this.remotes.push(remote);
    if (this.failure) throw this.failure;
    return ref && "commit" in ref ? { name: "", commit: ref.commit } : { name: "main", commit: this.head };
  }

  async files(remote: GitRemote | undefined, { commit, path }: Wanted): Promise<GitTree> {
    this.asked += 1;
    const isHere = this.#fetched.has(commit);
    if (remote && this.failure && !isHere) throw this.failure;
    const files = this.#commits.get(commit);
    if (!files || !(remote || isHere)) throw new GitError("FetchFailed", `no ${commit}`);
    this.#fetched.add(commit);
    const below = Object.entries(files).filter(([name]) => path === "." || name.startsWith(`${path}/`));
    return {
      commit: { oid: commit, tree: "", author: "", message: "", payload: new Uint8Array() },
      files: below.map(([name, text]) => ({
        path: path === "." ? name : name.slice(path.length + 1),
        oid: hashOf(text),
        bytes: Buffer.from(text),
      })),
      remarks: [],
    };
  }

  close(): void {
    this.isClosed = true;
  }
}
