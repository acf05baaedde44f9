import { isDeviceName } from "../../lib/windows-name.ts";
import { GitError } from "../git-error.ts";
import type { TreeEntry } from "./git-object.ts";

/** As most file systems have it. */
const LONGEST_NAME = 255;

/** As a file system has a name that knows no case and one form of letters. */
export const folded = (name: string): string => name.normalize("NFC").toLowerCase();

/** Throws GitError when Windows or another file system changes this name, does not have it, or does not tell it from one in `seen`: folded names of the same folder. */
export function checkName({ name, isUtf8 }: TreeEntry, path: string, seen: Map<string, string>): void {
  if (Buffer.byteLength(name) > LONGEST_NAME) {
    throw invalid(`a name that begins with ${JSON.stringify(name.slice(0, 40))} has more than ${LONGEST_NAME} bytes`);
  }
  const shown = JSON.stringify(path);
  const bad = /[\u0000-\u001f\u007f-\u009f\\/:*?"<>|]/.exec(name);
  if (!isUtf8) throw invalid(`the name ${shown} is no UTF-8`);
  if (name === "" || bad) throw invalid(`the name ${shown} has a character that no file name can have everywhere`);
  if (/[. ]$/.test(name)) throw invalid(`the name ${shown} ends in a dot or a blank, which Windows takes away`);
  if (isDeviceName(name)) throw invalid(`the name ${shown} is that of a device on Windows`);
  const other = seen.get(folded(name));
  if (other !== undefined) throw sameName(other, name);
  seen.set(folded(name), name);
}

export const sameName = (one: string, other: string): GitError =>
  invalid(`the names ${JSON.stringify(one)} and ${JSON.stringify(other)} are one and the same on Windows`);

const invalid = (what: string): GitError => new GitError("RepositoryInvalid", `${what}: rename it`);
