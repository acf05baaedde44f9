import { GitError } from "../../../../../git/git-error.ts";
import type { GitPushing } from "../../../../../git/repository/git-thread.ts";
import type { Change, Tip } from "../../../../../git/repository/push/change.ts";
import type { GitTree, Wanted } from "../../../../../git/repository/repository.ts";
import type { GitRemote } from "../../../../../git/transport/transport.ts";

/** A repository in memory that takes what is pushed. */
export class FakePushing implements GitPushing {
  readonly pushed: Change[] = [];
  readonly remotes: GitRemote[] = [];
  /** By path; undefined: there is no commit yet. */
  tree: Record<string, string> | undefined;
  failure: GitError | undefined;
  pushFailure: GitError | undefined;

  async tip(remote: GitRemote, branch = "main"): Promise<Tip> {
    this.remotes.push(remote);
    if (this.failure) throw this.failure;
    return { branch, commit: this.tree && this.#commit };
  }

  async files(_: GitRemote | undefined, { path, commit }: Wanted): Promise<GitTree> {
    const prefix = path === "." ? "" : `${path}/`;
    const below = Object.entries(this.tree ?? {}).filter(([name]) => name.startsWith(prefix));
    if (below.length === 0) throw new GitError("PathNotFound", `spec.path ${path} is not there`);
    const yaml = below.filter(([name]) => name.endsWith(".yaml"));
    return {
      commit: { oid: commit, tree: "", author: "", message: "", payload: new Uint8Array() },
      files: yaml.map(([name, text]) => ({ path: name, oid: "", bytes: Buffer.from(text) })),
      remarks: [],
    };
  }

  async push(_: GitRemote, change: Change): Promise<string> {
    if (this.pushFailure) throw this.pushFailure;
    this.pushed.push(change);
    this.tree = { ...this.tree, ...change.files };
    return this.#commit;
  }

  close(): void {}

  get #commit(): string {
    return String(this.pushed.length + 1).repeat(40);
  }
}
