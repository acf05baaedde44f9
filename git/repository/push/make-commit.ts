import { GitError } from "../../git-error.ts";
import { parseCommit } from "../commit.ts";
import { FOLDER, parseTree } from "../git-object.ts";
import type { ObjectSource, ObjectType } from "../object-source.ts";
import type { Change } from "./change.ts";
import { treeWith } from "./tree-with.ts";

export interface ObjectStore extends ObjectSource {
  /** Returns its hash. */
  write(type: ObjectType, content: Uint8Array): Promise<string>;
}

const EMPTY = new Uint8Array();

/**
 * Makes the objects of a change, on top of its parent: those which differ from it, and no others. Returns the commit. A file that is there already is not
 * changed: rejects with GitError.
 */
export async function makeCommit(store: ObjectStore, change: Change): Promise<string> {
  const { parent, files, message, author, at } = change;
  let tree = parent === undefined ? undefined : parseCommit(parent, await store.read(parent, "commit")).tree;
  for (const [path, text] of Object.entries(files)) {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    tree = await withFile(store, tree, parts, Buffer.from(text));
  }
  const who = `${author.name} <${author.email}> ${at} +0000`;
  const lines = [`tree ${tree}`, ...(parent === undefined ? [] : [`parent ${parent}`]), `author ${who}`];
  return store.write("commit", Buffer.from(`${lines.join("\n")}\ncommitter ${who}\n\n${message}\n`));
}

/** The tree with a new file below it. */
async function withFile(
  store: ObjectStore,
  tree: string | undefined,
  [name = "", ...below]: readonly string[],
  bytes: Uint8Array,
): Promise<string> {
  const content = tree === undefined ? EMPTY : await store.read(tree, "tree");
  const isFile = below.length === 0;
  const there = parseTree(content).find((entry) => entry.name === name);
  if (there && (isFile || there.mode !== FOLDER)) {
    throw new GitError(
      "RepositoryInvalid",
      `${JSON.stringify(name)} is there already${isFile ? "" : ", and no folder"}`,
    );
  }
  const oid = isFile ? await store.write("blob", bytes) : await withFile(store, there?.oid, below, bytes);
  return store.write("tree", treeWith(content, { mode: isFile ? "100644" : FOLDER, name, oid }));
}
