import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Copy } from "../homes/copy.ts";
import { type LaunchFile, type LaunchSpec, StartError } from "../runtime.ts";
import type { HomeFiles } from "./home-files.ts";

/** Where a file lies: below a folder that the daemon has chosen, by names that lead nowhere else. */
export interface FilePlace {
  root: string;
  /** The folder of the copy, which nobody can have made into a link. */
  isHome: boolean;
  folders: readonly string[];
  name: string;
}

/** How a body writes and removes one file: never through a link, and nothing where the account of the workload could not. Throws StartError. */
export interface FileWriter {
  /** Whole or not at all. */
  write(place: FilePlace, file: LaunchFile): void;
  /** With what was begun of it. What is not there is no failure. */
  remove(place: FilePlace): void;
}

/** What was written for a copy, as the daemon's own note beside its folder tells. */
interface Written {
  path: string;
  /** Absent: the folder of the copy. */
  workingDir?: string;
  /** Of the content that the program knows; UNTOLD from before it is written until the program begins with it or has been told of it. */
  sha256: string;
}

const UNTOLD = "";

interface Declared extends Pick<LaunchSpec, "files" | "workingDir"> {
  copy: Copy;
}

/**
 * Writes the files of a copy, and removes those that were written before and are not declared any more. What differs from before counts as changed
 * until `noteTold`. Throws StartError, naming the file.
 */
export function writeDeclared(homes: HomeFiles, spec: Declared, writer: FileWriter): void {
  const { copy, files = [], workingDir } = spec;
  const before = writtenFiles(homes, copy);
  const changed = new Set(changedFiles(homes, copy, files).map(({ path }) => path));
  const now = files.map((file) => ({
    ...writtenAs(file, workingDir),
    ...(changed.has(file.path) && { sha256: UNTOLD }),
  }));
  const others = before.filter(({ path }) => !files.some((file) => file.path === path));
  // Before the act: else, when another one can't be written or the daemon is killed, nobody would remove what is declared no more, and nobody would
  // tell the program, or give it back what it had.
  const begun = [...now, ...others];
  if (JSON.stringify(begun) !== JSON.stringify(before)) note(homes, copy, begun);
  for (const file of files) {
    try {
      writer.write(placeOf(homes, copy, file.path, workingDir), file);
    } catch (error) {
      const reason = error instanceof StartError ? error.reason : "SystemError";
      throw new StartError(reason, `the file ${file.path} can't be written: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  for (const { path, workingDir: root } of others) removeQuietly(writer, () => placeOf(homes, copy, path, root));
  if (others.length > 0) note(homes, copy, now);
}

/** The program knows these files, as they were written: it begins with them, or was told of them. What was written since is left as it is noted. */
export function noteTold(homes: HomeFiles, copy: Copy, files: readonly LaunchFile[]): void {
  const before = writtenFiles(homes, copy);
  const told = new Map(files.map(({ path, content }) => [path, sha256Of(content)]));
  const now = before.map((written) => {
    const sha256 = written.sha256 === UNTOLD ? told.get(written.path) : undefined;
    return sha256 === undefined ? written : { ...written, sha256 };
  });
  if (JSON.stringify(now) !== JSON.stringify(before)) note(homes, copy, now);
}

const writtenAs = ({ path, content }: LaunchFile, workingDir: string | undefined): Written => ({
  path,
  ...(isAbsolute(path) && workingDir !== undefined && { workingDir }),
  sha256: sha256Of(content),
});

/** Is there anything to write or to remove? */
export const hasDeclared = (homes: HomeFiles, { files, copy }: Declared): boolean =>
  (files?.length ?? 0) > 0 || writtenFiles(homes, copy).length > 0;

/** Which of these differ from what the program knows. */
export function changedFiles(homes: HomeFiles, copy: Copy, files: readonly LaunchFile[]): LaunchFile[] {
  const before = new Map(writtenFiles(homes, copy).map(({ path, sha256 }) => [path, sha256]));
  return files.filter(({ path, content }) => before.get(path) !== sha256Of(content));
}

/** What the workload has put in its place is its own. */
function removeQuietly(writer: FileWriter, place: () => FilePlace): void {
  try {
    writer.remove(place());
  } catch {
    // It is a folder, or lies behind a link.
  }
}

const sha256Of = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

const isAbsolute = (path: string): boolean => /^([\\/]|[A-Za-z]:)/.test(path);

/** Admission has refused every other path; whoever reads a damaged note must not depend on that. */
function placeOf(homes: HomeFiles, copy: Copy, path: string, workingDir: string | undefined): FilePlace {
  const root = isAbsolute(path) ? (workingDir ?? "") : homes.work(copy);
  const below = isAbsolute(path) ? path.slice(root.replace(/[\\/]+$/, "").length + 1) : path;
  const parts = below.split(/[\\/]/);
  const isPlain = parts.every((part) => part !== "" && part !== "." && part !== ".." && !/[:\0]/.test(part));
  if (root === "" || !isPlain || (isAbsolute(path) && !path.startsWith(root))) {
    throw new StartError("InvalidArgument", "its path leads out of its folder");
  }
  return { root, isHome: !isAbsolute(path), folders: parts.slice(0, -1), name: parts.at(-1)! };
}

function writtenFiles(homes: HomeFiles, copy: Copy): Written[] {
  const file = homes.filesNote(copy);
  if (!existsSync(file)) return []; // as for most; an exception would cost several times as much
  try {
    const written: unknown = JSON.parse(readFileSync(file, "utf8"));
    return Array.isArray(written) ? written : [];
  } catch {
    return [];
  }
}

/** Not synced, as the note of the home: a lost one costs that a file is written, and the program told, again. */
function note(homes: HomeFiles, copy: Copy, written: readonly Written[]): void {
  const file = homes.filesNote(copy);
  writeFileSync(`${file}.new`, JSON.stringify(written), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
