import { GitError } from "../git-error.ts";
import { FOLDER, LINK, parseTree, SUBMODULE, type TreeEntry } from "./git-object.ts";
import type { ObjectSource } from "./object-source.ts";
import { checkName, folded, sameName } from "./tree-names.ts";
import { Remarks } from "./tree-remarks.ts";

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

const DEEPEST = 32;
/** Entries that are looked at, for each file that may be read: a small tree can name itself many times over. */
const ENTRIES_PER_FILE = 20;
/** A mode, a name that a file system can have, a hash, and what is between them. */
const LONGEST_ENTRY = 300;

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
  const names = limits.files * ENTRIES_PER_FILE;
  const tree = await folderOf(objects, root, folder, names);
  const walk = new Walk(objects, limits, names, choice);
  await walk.into(tree, "", 0);
  return { files: walk.files, remarks: walk.remarks.lines };
}

/** `most`: looked at before the tree is taken apart, which needs many times its memory. */
async function entriesOf(objects: ObjectSource, tree: string, most: number): Promise<TreeEntry[]> {
  const content = await objects.read(tree, "tree");
  if (content.length > most * LONGEST_ENTRY) throw tooLarge(`a folder of it has more than ${most} names`);
  return parseTree(content);
}

async function folderOf(objects: ObjectSource, root: string, folder: string, most: number): Promise<string> {
  let tree = root;
  for (const part of folder.split("/").filter((name) => name !== "" && name !== ".")) {
    const alike = (await entriesOf(objects, tree, most)).filter(({ name }) => folded(name) === folded(part));
    const [first, second] = alike;
    if (first && second) throw sameName(first.name, second.name);
    const entry = first?.name === part ? first : undefined;
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
  readonly remarks = new Remarks();
  readonly #objects: ObjectSource;
  readonly #limits: TreeLimits;
  readonly #names: number;
  readonly #choice: Choice;
  #entries = 0;
  #bytes = 0;

  constructor(objects: ObjectSource, limits: TreeLimits, names: number, choice: Choice) {
    this.#objects = objects;
    this.#limits = limits;
    this.#names = names;
    this.#choice = choice;
  }

  async into(tree: string, above: string, depth: number): Promise<void> {
    if (depth > DEEPEST) throw tooLarge(`${above} is deeper than ${DEEPEST} folders`);
    const entries = await entriesOf(this.#objects, tree, this.#names);
    this.#entries += entries.length;
    if (this.#entries > this.#names) throw tooLarge(`it has more than ${this.#names} names`);
    const seen = new Map<string, string>();
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      const path = above + entry.name;
      if (entry.mode === FOLDER) {
        checkName(entry, path, seen);
        await this.into(entry.oid, `${path}/`, depth + 1);
      } else if (entry.mode === SUBMODULE) this.remarks.add(path, "is a submodule and is not read");
      else if (entry.mode === LINK && !this.#choice.isManifest(entry.name)) {
        this.remarks.add(path, "is a symbolic link and is not followed");
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

const tooLarge = (what: string): GitError =>
  new GitError("LimitExceeded", `${what}: choose a smaller spec.path, or raise spec.limits of the GitSource`);
