import { isDeviceName } from "../../lib/windows-name.ts";
import { GitError } from "../git-error.ts";
import { parseTree, type TreeEntry } from "./git-object.ts";
import type { ObjectSource } from "./object-source.ts";

export interface GitFile {
  /** From the folder that was asked for, with forward slashes. */
  path: string;
  /** Hash of its bytes. */
  oid: string;
  bytes: Uint8Array;
}

export interface TreeFiles {
  files: GitFile[];
  /** What was left out, each for people. */
  remarks: string[];
}

/** Of what is read. */
export interface TreeLimits {
  files: number;
  bytes: number;
}

/** By the names of files. */
export interface Choice {
  isWanted(name: string): boolean;
  /** One that is a link is missed by whoever wrote it: the revision is refused. */
  isManifest(name: string): boolean;
}

const FOLDER = "40000";
const LINK = "120000";
const SUBMODULE = "160000";
const DEEPEST = 32;
/** Entries that are looked at, for each file that may be read: a small tree can name itself many times over. */
const ENTRIES_PER_FILE = 20;

/**
 * The files below a folder of a commit that are wanted, out of the object database: nothing is checked out, so no name of the repository becomes a
 * path here, no link is followed, and no filter or hook runs. What Windows or another file system would not keep apart is refused, because whoever
 * looks at it there sees something else. Names with a leading dot are passed over. Rejects with GitError.
 */
export async function treeFiles(
  objects: ObjectSource,
  root: string,
  folder: string,
  limits: TreeLimits,
  choice: Choice,
): Promise<TreeFiles> {
  const tree = await folderOf(objects, root, folder);
  const walk = new Walk(objects, limits, choice);
  await walk.into(tree, "", 0);
  return { files: walk.files, remarks: walk.remarks };
}

async function folderOf(objects: ObjectSource, root: string, folder: string): Promise<string> {
  let tree = root;
  for (const part of folder.split("/").filter((name) => name !== "" && name !== ".")) {
    const entries = parseTree(await objects.read(tree, "tree"));
    const entry = entries.find(({ name }) => name === part);
    if (entry?.mode !== FOLDER) {
      const what = entry ? "is no folder (links and submodules are not followed)" : "is not there";
      throw new GitError("PathNotFound", `spec.path ${JSON.stringify(folder)} ${what} in this revision`);
    }
    tree = entry.oid;
  }
  return tree;
}

class Walk {
  readonly files: GitFile[] = [];
  readonly remarks: string[] = [];
  readonly #objects: ObjectSource;
  readonly #limits: TreeLimits;
  readonly #choice: Choice;
  #entries = 0;
  #bytes = 0;

  constructor(objects: ObjectSource, limits: TreeLimits, choice: Choice) {
    this.#objects = objects;
    this.#limits = limits;
    this.#choice = choice;
  }

  async into(tree: string, above: string, depth: number): Promise<void> {
    if (depth > DEEPEST) throw tooLarge(`${above} is deeper than ${DEEPEST} folders`);
    const entries = parseTree(await this.#objects.read(tree, "tree"));
    this.#entries += entries.length;
    if (this.#entries > this.#limits.files * ENTRIES_PER_FILE) {
      throw tooLarge(`it has more than ${this.#limits.files * ENTRIES_PER_FILE} names`);
    }
    const seen = new Map<string, string>();
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      const path = above + entry.name;
      if (entry.mode === FOLDER) {
        checkName(entry, path, seen);
        await this.into(entry.oid, `${path}/`, depth + 1);
      } else if (entry.mode === SUBMODULE) this.remarks.push(`${path} is a submodule and is not read`);
      else if (entry.mode === LINK && !this.#choice.isManifest(entry.name)) {
        this.remarks.push(`${path} is a symbolic link and is not followed`);
      } else if (this.#choice.isWanted(entry.name)) await this.#add(entry, path, seen);
    }
  }

  async #add(entry: TreeEntry, path: string, seen: Map<string, string>): Promise<void> {
    checkName(entry, path, seen);
    if (entry.mode === LINK) {
      throw new GitError("RepositoryInvalid", `${path} is a symbolic link, which is not followed: put the file there`);
    }
    if (this.files.length === this.#limits.files) throw tooLarge(`it has more than ${this.#limits.files} files`);
    const bytes = await this.#objects.read(entry.oid, "blob");
    this.#bytes += bytes.length;
    if (this.#bytes > this.#limits.bytes) throw tooLarge(`its files have more than ${this.#limits.bytes} bytes`);
    this.files.push({ path, oid: entry.oid, bytes });
  }
}

/** `seen`: names of the same folder, as a file system that knows no case and one form of letters has them. */
function checkName({ name, isUtf8 }: TreeEntry, path: string, seen: Map<string, string>): void {
  const shown = JSON.stringify(path);
  const bad = /[\u0000-\u001f\u007f-\u009f\\/:*?"<>|]/.exec(name);
  if (!isUtf8) throw invalid(`the name ${shown} is no UTF-8`);
  if (name === "" || bad) throw invalid(`the name ${shown} has a character that no file name can have everywhere`);
  if (/[. ]$/.test(name)) throw invalid(`the name ${shown} ends in a dot or a blank, which Windows takes away`);
  if (isDeviceName(name)) throw invalid(`the name ${shown} is that of a device on Windows`);
  const folded = name.normalize("NFC").toLowerCase();
  const other = seen.get(folded);
  if (other !== undefined) {
    throw invalid(`the names ${JSON.stringify(other)} and ${JSON.stringify(name)} are one and the same on Windows`);
  }
  seen.set(folded, name);
}

const invalid = (what: string): GitError => new GitError("RepositoryInvalid", `${what}: rename it`);

const tooLarge = (what: string): GitError =>
  new GitError("LimitExceeded", `${what}: choose a smaller spec.path, or raise spec.limits of the GitSource`);
