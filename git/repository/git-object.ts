import { createHash } from "node:crypto";
import { GitError } from "../git-error.ts";

/** Modes of entries; every other one is of a file. */
export const FOLDER = "40000";
export const LINK = "120000";
export const SUBMODULE = "160000";

/** One entry of a tree. */
export interface TreeEntry {
  /** As it is stored, without leading zeros. */
  mode: string;
  /** Bytes that are no UTF-8 are shown as U+FFFD. */
  name: string;
  isUtf8: boolean;
  oid: string;
}

/** Says whether the bytes are what this name promises: nothing in the folder of the copy is believed. */
export function isIntact(oid: string, type: string, content: Uint8Array): boolean {
  const hash = createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");
  return hash === oid;
}

const HASH_BYTES = 20;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** https://git-scm.com/book/en/v2/Git-Internals-Git-Objects: mode, blank, name, NUL, hash. Throws GitError. */
export function parseTree(content: Uint8Array): TreeEntry[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, blank);
    const next = end + 1 + HASH_BYTES;
    if (blank < at || end < blank || next > bytes.length) throw new GitError("RepositoryInvalid", "a tree is damaged");
    const name = bytes.subarray(blank + 1, end);
    const decoded = decode(name);
    entries.push({
      mode: bytes.toString("latin1", at, blank).replace(/^0+/, ""),
      name: decoded ?? name.toString("utf8"),
      isUtf8: decoded !== undefined,
      oid: bytes.toString("hex", end + 1, next),
    });
    at = next;
  }
  return entries;
}

function decode(name: Uint8Array): string | undefined {
  try {
    return utf8.decode(name);
  } catch {
    return undefined;
  }
}
