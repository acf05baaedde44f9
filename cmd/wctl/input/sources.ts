import { promises, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { Failure } from "../errors/failure.ts";

/** One text of manifests and where it came from, as messages call it. */
export interface SourceText {
  name: string;
  bytes: Buffer;
}

const MANIFEST_EXTENSIONS = [".json", ".yaml", ".yml"];

/** Reads what `-f` names: files, folders (alphabetically; inner ones with `-R`), URLs, `-`. Reads everything before returning. */
export async function readSources(
  names: readonly string[],
  options: { recursive: boolean; stdin: () => Promise<Buffer>; signal: AbortSignal },
): Promise<SourceText[]> {
  if (names.filter((name) => name === "-").length > 1) throw new Failure("standard input can be read only once");
  const sources: SourceText[] = [];
  for (const name of names) {
    if (name === "-") sources.push({ name: "STDIN", bytes: await options.stdin() });
    else if (/^https?:\/\//.test(name)) sources.push({ name, bytes: await download(name, options.signal) });
    else for (const file of filesAt(name, options.recursive)) sources.push({ name: file, bytes: await read(file) });
  }
  return sources;
}

function filesAt(path: string, recursive: boolean): string[] {
  const isFolder = asked(path, () => statSync(path).isDirectory());
  if (!isFolder) return [path];
  const files = manifestsIn(path, recursive);
  if (files.length === 0) {
    throw new Failure(`error reading [${path}]: recognized file extensions are [${MANIFEST_EXTENSIONS.join(" ")}]`);
  }
  return files;
}

function manifestsIn(folder: string, recursive: boolean): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // Links to files are read, links to folders are not followed: they may form a loop.
    if (entry.isDirectory() && recursive) files.push(...manifestsIn(path, recursive));
    if (!entry.isDirectory() && MANIFEST_EXTENSIONS.includes(extname(entry.name).toLowerCase())) files.push(path);
  }
  return files;
}

/** A file is there at once; to load what waits for a pipe costs a short command a millisecond. */
async function read(path: string): Promise<Buffer> {
  const isThere = asked(path, () => statSync(path).isFile());
  if (isThere) return asked(path, () => readFileSync(path));
  return promises.readFile(path).catch((error) => unread(path, error));
}

function asked<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    return unread(path, error as NodeJS.ErrnoException);
  }
}

function unread(path: string, error: NodeJS.ErrnoException): never {
  if (error.code === "ENOENT") throw new Failure(`the path ${JSON.stringify(path)} does not exist`);
  throw new Failure(`cannot read ${JSON.stringify(path)}: ${error.message}`, { cause: error });
}

async function download(url: string, signal: AbortSignal): Promise<Buffer> {
  const answer = await fetch(url, { signal }).catch((error: Error) => {
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Failure(`unable to read URL ${JSON.stringify(url)}: ${cause}`, { cause: error });
  });
  if (!answer.ok) {
    throw new Failure(
      `unable to read URL ${JSON.stringify(url)}, server reported ${answer.status} ${answer.statusText}`,
    );
  }
  return Buffer.from(await answer.arrayBuffer());
}
