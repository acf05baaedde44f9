import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { addRemote, fetch, init, type PromiseFsClient, readObject, writeObject, writeRef } from "isomorphic-git";
import { GitError } from "../git-error.ts";
import type { NotedTransport } from "../transport/noted-transport.ts";
import { type CarriedInto, carryOver } from "./carry-over.ts";
import { confinedFs } from "./confined-fs.ts";
import { beginCopy, swapCopy } from "./copy-swap.ts";
import { isIntact } from "./git-object.ts";
import type { ObjectType } from "./object-source.ts";
import { checkPack, type PackLimits } from "./pack-check.ts";
import type { Change } from "./push/change.ts";
import { pushCommit } from "./push/push-commit.ts";
import { thinFetch } from "./thin-fetch.ts";
import { wholeLists } from "./whole-lists.ts";

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
export class LocalCopy implements CarriedInto {
  readonly #folder: string;
  readonly #limits: PackLimits;
  readonly #fs: PromiseFsClient;
  #cache: object = {};

  constructor(folder: string, limits: PackLimits) {
    this.#folder = folder;
    this.#limits = limits;
    this.#fs = confinedFs(folder, (pack) => checkPack(pack, limits));
  }

  async read(oid: string, type: ObjectType): Promise<Uint8Array> {
    if (!existsSync(join(this.#folder, "HEAD"))) throw new Missing("the copy");
    const fs = this.#fs;
    const found = await readObject({ fs, gitdir: this.#folder, oid, format: "content", cache: this.#cache }).catch(
      (error: unknown) => {
        throw new Missing(`${type} ${oid}`, { cause: error });
      },
    );
    if (found.format !== "content" || !isIntact(oid, found.type, found.object)) throw new Missing(`${type} ${oid}`);
    if (found.type !== type) throw new GitError("RepositoryInvalid", `${oid} is a ${found.type}, and no ${type}`);
    return found.object;
  }

  async has(oid: string, type: ObjectType): Promise<boolean> {
    return this.read(oid, type).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Missing) return false;
        throw error;
      },
    );
  }

  /**
   * Rejects with GitError, Missing, or as the library does; what was there stays there then. `anew`: nothing that is there is used. What it held goes with a
   * copy that is made anew, but for the commit `keep`.
   */
  async fetch(transport: NotedTransport, commit: string, anew: boolean, keep: string | undefined): Promise<void> {
    const folder = await beginCopy(this.#folder);
    if (!anew && (await this.#packs()) < MOST_PACKS) return this.#fetch(transport, commit);
    const fresh = new LocalCopy(folder, this.#limits);
    await fresh.#fetch(transport, commit);
    // A server may have sent anything.
    await fresh.read(commit, "commit");
    if (keep !== undefined) await carryOver(this, fresh, keep).catch(ignoreDamage);
    await swapCopy(this.#folder);
    this.#cache = {};
  }

  async #fetch(transport: NotedTransport, commit: string): Promise<void> {
    const gitdir = this.#folder;
    await mkdir(gitdir, { recursive: true, mode: 0o700 });
    const fs = this.#fs;
    await init({ fs, gitdir, bare: true });
    await addRemote({ fs, gitdir, remote: "origin", url: transport.url, force: true });
    await fetch({
      fs,
      gitdir,
      http: wholeLists(thinFetch(transport)),
      remote: "origin",
      remoteRef: commit,
      ref: LAST,
      singleBranch: true,
      tags: false,
      depth: 1,
      cache: {},
    });
    if (transport.failure) throw transport.failure;
    await writeRef({ fs, gitdir, ref: LAST, value: commit, force: true });
    this.#cache = {};
  }

  /** Into the copy, which is made where there is none. Returns the hash. */
  async write(type: ObjectType, content: Uint8Array): Promise<string> {
    const fs = this.#fs;
    if (!existsSync(join(this.#folder, "HEAD"))) {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await init({ fs, gitdir: this.#folder, bare: true });
    }
    return writeObject({ fs, gitdir: this.#folder, type, object: content, format: "content" });
  }

  /** Pushes a commit of the copy. Rejects with GitError, or as the library does. */
  async push(transport: NotedTransport, commit: string, change: Pick<Change, "branch" | "parent">): Promise<void> {
    const place = { fs: this.#fs, gitdir: this.#folder, ref: PUSHED };
    await writeRef({ ...place, value: commit, force: true });
    await pushCommit(place, transport, change);
  }

  async #packs(): Promise<number> {
    const names = await readdir(join(this.#folder, "objects", "pack")).catch(() => []);
    return names.filter((name) => name.endsWith(".pack")).length;
  }
}

/** What is not whole in the old copy is no loss of the new one. */
function ignoreDamage(error: unknown): void {
  if (!(error instanceof Missing || error instanceof GitError)) throw error;
}
