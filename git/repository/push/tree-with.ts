import { GitError } from "../../git-error.ts";
import { FOLDER, parseTree } from "../git-object.ts";

export interface NewEntry {
  mode: "100644" | "40000";
  name: string;
  oid: string;
}

const HASH_BYTES = 20;

/**
 * The bytes of a tree with this entry in it, instead of one of the same name. Every other entry stays byte for byte as it is, whatever it is called. Throws
 * GitError when the tree is damaged, or the name is none that git lets into a tree.
 */
export function treeWith(tree: Uint8Array, entry: NewEntry): Buffer {
  if (/^(?:\.{0,2}|\.git)$|[\0/\\]/i.test(entry.name)) {
    throw new GitError("RepositoryInvalid", `${JSON.stringify(entry.name)} is no name of a file or folder`);
  }
  const bytes = Buffer.from(tree.buffer, tree.byteOffset, tree.byteLength);
  const kept = rawEntries(bytes).filter(({ name }) => !name.equals(Buffer.from(entry.name)));
  const raw = Buffer.concat([Buffer.from(`${entry.mode} ${entry.name}\0`), Buffer.from(entry.oid, "hex")]);
  const all = [...kept, { name: Buffer.from(entry.name), isFolder: entry.mode === FOLDER, raw }];
  return Buffer.concat(all.sort((a, b) => Buffer.compare(sortKey(a), sortKey(b))).map((one) => one.raw));
}

interface RawEntry {
  name: Buffer;
  isFolder: boolean;
  raw: Buffer;
}

/** git sorts folders as if their names ended in a slash. */
const sortKey = ({ name, isFolder }: RawEntry): Buffer => (isFolder ? Buffer.concat([name, Buffer.from("/")]) : name);

function rawEntries(bytes: Buffer): RawEntry[] {
  let at = 0;
  return parseTree(bytes).map(({ mode }) => {
    const nameAt = bytes.indexOf(" ", at) + 1;
    const nameEnd = bytes.indexOf(0, nameAt);
    const from = at;
    at = nameEnd + 1 + HASH_BYTES;
    return { name: bytes.subarray(nameAt, nameEnd), isFolder: mode === FOLDER, raw: bytes.subarray(from, at) };
  });
}
