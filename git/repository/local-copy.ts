import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { addRemote, fetch, init, readObject, writeObject, writeRef } from "isomorphic-git";
import { GitError } from "../git-error.ts";
import type { NotedTransport } from "../transport/noted-transport.ts";
import { confinedFs } from "./confined-fs.ts";
import { isIntact } from "./git-object.ts";
import { checkPack, type PackLimits } from "./pack-check.ts";
import type { Change } from "./push/change.ts";
import type { ObjectStore } from "./push/make-commit.ts";
import { pushCommit } from "./push/push-commit.ts";
import { thinFetch } from "./thin-fetch.ts";

/** Fetches so often add a pack each; then the copy is made anew from one. */
const MOST_PACKS = 20;
/** What was fetched last: the server leaves out what its commit has. */
const LAST = "refs/wctl/last";
/** What is pushed, or was. */
const PUSHED = "refs/wctl/pushed";

/** The local copy is not what it was, or does not have it. Only its maker sees this. */
export class Missing extends Error {}

/**
 * A bare, shallow copy of a repository in a folder of ours: commits with all their files, no history. It can always be made anew, and is when it has lost
 * something: beside the old one, which goes only when the new one is there.
 */
export class LocalCopy implements ObjectStore {
  readonly #folder: string;
  readonly #limits: PackLimits;
  #cache: object = {};

  constructor(folder: string, limits: PackLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  async read(oid: string, type: "commit" | "tree" | "blob"): Promise<Uint8Array> {
    if (!existsSync(join(this.#folder, "HEAD"))) throw new Missing("the copy");
    const fs = this.#fs(this.#folder);
    const found = await readObject({ fs, gitdir: this.#folder, oid, format: "content", cache: this.#cache }).catch(
      (error: unknown) => {
        throw new Missing(`${type} ${oid}`, { cause: error });
      },
    );
    if (found.format !== "content" || !isIntact(oid, found.type, found.object)) throw new Missing(`${type} ${oid}`);
    if (found.type !== type) throw new GitError("RepositoryInvalid", `${oid} is a ${found.type}, and no ${type}`);
    return found.object;
  }

  /** Rejects with GitError, or as the library does; what was there stays there then. `anew`: nothing that is there is used. */
  async fetch(transport: NotedTransport, commit: string, anew: boolean): Promise<void> {
    const fresh = `${this.#folder}.new`;
    await rm(fresh, { recursive: true, force: true });
    const isFresh = anew || (await this.#packs()) >= MOST_PACKS;
    const gitdir = isFresh ? fresh : this.#folder;
    await mkdir(gitdir, { recursive: true, mode: 0o700 });
    const fs = this.#fs(gitdir);
    await init({ fs, gitdir, bare: true });
    await addRemote({ fs, gitdir, remote: "origin", url: transport.url, force: true });
    const cache = {};
    await fetch({
      fs,
      gitdir,
      http: thinFetch(transport),
      remote: "origin",
      remoteRef: commit,
      ref: LAST,
      singleBranch: true,
      tags: false,
      depth: 1,
      cache,
    });
    if (transport.failure) throw transport.failure;
    await writeRef({ fs, gitdir, ref: LAST, value: commit, force: true });
    if (isFresh) {
      await rm(this.#folder, { recursive: true, force: true });
      await rename(fresh, this.#folder);
    }
    this.#cache = {};
  }

  /** Into the copy, which is made where there is none. Returns the hash. */
  async write(type: "commit" | "tree" | "blob", content: Uint8Array): Promise<string> {
    const fs = this.#fs(this.#folder);
    if (!existsSync(join(this.#folder, "HEAD"))) {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await init({ fs, gitdir: this.#folder, bare: true });
    }
    return writeObject({ fs, gitdir: this.#folder, type, object: content, format: "content" });
  }

  /** Pushes a commit of the copy. Rejects with GitError, or as the library does. */
  async push(transport: NotedTransport, commit: string, change: Pick<Change, "branch" | "parent">): Promise<void> {
    const place = { fs: this.#fs(this.#folder), gitdir: this.#folder, ref: PUSHED };
    await writeRef({ ...place, value: commit, force: true });
    await pushCommit(place, transport, change);
  }

  async #packs(): Promise<number> {
    const names = await readdir(join(this.#folder, "objects", "pack")).catch(() => []);
    return names.filter((name) => name.endsWith(".pack")).length;
  }

  #fs(folder: string) {
    return confinedFs(folder, (pack) => checkPack(pack, this.#limits));
  }
}
