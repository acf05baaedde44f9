import { type BigIntStats, readFileSync } from "node:fs";
import { lstat, readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { MAX_BODY_BYTES } from "../../api/limits.ts";
import { ManifestError } from "../../api/manifest-error.ts";
import { objectsIn } from "../../api/manifests/manifest.ts";
import { refusalsOfSealed } from "../../api/sealing/sealed-values.ts";
import type { YamlThread } from "../../api/yaml/yaml-thread.ts";
import type { PathTrust } from "../../lib/path-trust.ts";
import type { ManifestFile, SourceReading } from "../source/reader.ts";

/** An empty file of this name at the top of the folder confirms a prune that the brake refused. */
export const CONFIRMATION = ".wctl-allow-prune";

const MANIFEST = /\.(?:ya?ml|json)$/i;

/**
 * Reads a folder of manifests with all folders in it. A file that has not changed since the last time is not read again. Names with a leading dot are
 * ignored, and symbolic links are followed only to places inside the folder. Rejects when a folder cannot be listed, because half a tree must not look
 * like a smaller one. Rejects with NotTrusted when others can write to any of it, because who writes there decides what the daemon runs.
 */
export class Folder {
  readonly #directory: string;
  readonly #yaml: Pick<YamlThread, "readYaml">;
  readonly #trust: PathTrust;
  #known = new Map<string, ManifestFile>();

  constructor(directory: string, yaml: Pick<YamlThread, "readYaml">, trust: PathTrust) {
    this.#directory = directory;
    this.#yaml = yaml;
    this.#trust = trust;
  }

  async read(): Promise<SourceReading> {
    mustBeTrusted(this.#trust.ofPath(this.#directory));
    const root = await realpath(this.#directory);
    const { dev, ino } = await stat(root, { bigint: true });
    const walk: Walk = { root, files: [], remarks: [], visited: new Set() };
    await this.#walk(walk, root);
    const read = await inBatches(walk.files.sort(), (path) => this.#readFile(root, path));
    const files = read.filter((file) => file !== undefined);
    this.#known = new Map(files.map((file) => [file.path, file]));
    const isPruneApproved = await stat(join(root, CONFIRMATION)).then(
      () => true,
      () => false,
    );
    return { identity: `${dev}:${ino}`, files, remarks: walk.remarks, isPruneApproved };
  }

  async #walk(walk: Walk, directory: string): Promise<void> {
    const real = await realpath(directory);
    if (walk.visited.has(real)) return;
    walk.visited.add(real);
    if (directory !== walk.root) this.#look(directory, real);
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) await this.#walk(walk, path).catch((error: unknown) => ignoreRemoved(error, walk.root));
      else if (entry.isFile()) addFile(walk, path);
      else if (entry.isSymbolicLink()) await this.#follow(walk, path);
    }
  }

  /** Above the target of a link there may be folders that were not walked. (A change of rights changes the signature of a file.) */
  #look(path: string, real: string): void {
    mustBeTrusted(path === real ? this.#trust.ofEntry(path) : this.#trust.ofPath(path));
  }

  async #follow(walk: Walk, link: string): Promise<void> {
    const target = await realpath(link).catch(() => undefined);
    if (target === undefined) return addFile(walk, link);
    if (!isInside(walk.root, target)) {
      if (MANIFEST.test(link))
        walk.remarks.push(`${shownPath(walk.root, link)} leads out of the folder and is not read`);
      return;
    }
    const kind = await stat(target);
    if (kind.isDirectory()) await this.#walk(walk, link);
    else if (kind.isFile()) addFile(walk, link);
  }

  /** Undefined when the file is gone by now. A link whose target is gone is a broken file. */
  async #readFile(root: string, path: string): Promise<ManifestFile | undefined> {
    const shown = shownPath(root, path);
    const looked = await stat(path, { bigint: true }).catch((error: Error) => error);
    const signature = looked instanceof Error ? String(looked) : signatureOf(looked);
    const known = this.#known.get(shown);
    if (known?.signature === signature && !known.problem?.includes(UNREADABLE)) return known;
    this.#look(path, await realpath(path).catch(() => path));
    try {
      const manifests = objectsIn(await this.#yaml.readYaml(await contentOf(path, looked), shown));
      const [sealed] = refusalsOfSealed(manifests);
      if (sealed) throw sealed;
      return { path: shown, signature, manifests };
    } catch (error) {
      if (isRemoved(error) && !(await exists(path))) return undefined;
      return { path: shown, signature, manifests: [], problem: describe(shown, error) };
    }
  }
}

/** Others than the daemon's account and administrators can write what is read here. */
class NotTrusted extends Error {
  override readonly name = "NotTrusted";
}

function mustBeTrusted(why: string | undefined): void {
  if (why !== undefined) throw new NotTrusted(why);
}

interface Walk {
  root: string;
  files: string[];
  remarks: string[];
  /** Real paths of the folders on the way: links may form a loop. */
  visited: Set<string>;
}

const UNREADABLE = "cannot be read";
const PARALLEL_READS = 64;
/** Bytes of a file that is read at once. */
const SMALL = 64 * 1024;

function addFile({ files }: Walk, path: string): void {
  if (MANIFEST.test(path)) files.push(path);
}

const isRemoved = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/** Also for a link that points nowhere. */
const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** A folder that was removed between two looks is no failure, unless the whole tree is going. */
async function ignoreRemoved(error: unknown, root: string): Promise<void> {
  if (!isRemoved(error)) throw error;
  await stat(root);
}

const shownPath = (root: string, path: string): string => relative(root, path).split(sep).join("/");

const isInside = (root: string, path: string): boolean => path.startsWith(root.endsWith(sep) ? root : root + sep);

const signatureOf = ({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string => [ino, size, mtimeNs, ctimeNs].join(":");

/** `looked`: what was seen there just now. A small file is read at once: to hand it to Node's threads and back takes longer than to read it. */
async function contentOf(path: string, looked: BigIntStats | Error): Promise<Uint8Array> {
  if (looked instanceof Error) throw looked;
  const { size } = looked;
  if (size > MAX_BODY_BYTES) throw new Error(`it has ${size} bytes, at most ${MAX_BODY_BYTES} are read: split it`);
  return looked.isFile() && size <= SMALL ? readFileSync(path) : readFile(path);
}

function describe(path: string, error: unknown): string {
  if (error instanceof ManifestError) return error.message;
  return `${path} ${UNREADABLE}: ${error instanceof Error ? error.message : String(error)}`;
}

async function inBatches<A, B>(all: readonly A[], work: (one: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  for (let at = 0; at < all.length; at += PARALLEL_READS) {
    results.push(...(await Promise.all(all.slice(at, at + PARALLEL_READS).map(work))));
  }
  return results;
}
