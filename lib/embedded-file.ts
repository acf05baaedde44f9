import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import { distrustOfParents, realPathOf } from "./safe-path.ts";

/**
 * Uses a file whose bytes the program carries in itself, because the system wants a path. It writes the bytes once, under a name made of their hash,
 * into a directory that only this user can write. It trusts nothing that it finds there: directory and file must belong to this user, and the content
 * must equal `bytes`, else it is replaced. It works in worker threads too. Throws an AggregateError that says why each directory would not do; `use`
 * may throw for one and succeed for the next.
 * @param name it must name the content (a hash), e.g. `koffi-3f2a....node`
 */
export function withEmbeddedFile<T>(
  name: string,
  bytes: Uint8Array,
  use: (path: string) => T,
  directories: string[] = cacheDirectories(name),
): T {
  const failures: unknown[] = [];
  for (const directory of directories) {
    try {
      return use(place(directory, name, bytes));
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, `${name} could not be put anywhere: ${failures.map(String).join("; ")}`);
}

/** The user's cache first; then a directory below the temporary one, for users without a writable home or with one mounted noexec. */
function cacheDirectories(name: string): string[] {
  const { uid, username, homedir: profile } = userInfo();
  if (uid === -1) return [...besideProgram(name), join(profile, "AppData", "Local", "wctl", "native")];
  const temporary = join(tmpdir(), `wctl-native-${uid}-${username}`);
  return uid === 0 ? ["/var/cache/wctl/native", temporary] : [join(homedir(), ".cache", "wctl", "native"), temporary];
}

/**
 * Windows: the folder of the installer, which only administrators can write, so that what runs elevated loads nothing that a program of the same user
 * could have exchanged. Else the profile of the account that the token names: the environment is a claim, and a helper process of the service has
 * only the machine's.
 */
function besideProgram(name: string): string[] {
  const folder = dirname(process.execPath);
  return existsSync(join(folder, name)) ? [folder] : [];
}

/** Puts `bytes` at `directory/name` unless they are there, and returns the path. A concurrent writer does no harm. */
function place(named: string, name: string, bytes: Uint8Array): string {
  const directory = makePrivate(named);
  const path = join(directory, name);
  if (holds(path, bytes)) return path;
  const draft = join(directory, `.${name}.${process.pid}.${randomBytes(6).toString("hex")}`);
  try {
    writeFileSync(draft, bytes, { flag: "wx", mode: 0o500 });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return path;
}

/**
 * Identifies the file at a path: another file, or the same one changed, is never equal. Undefined: there is none. What was carried to the temporary
 * directory may have been cleaned away since, and anybody can make the path again then.
 */
export function identityOf(path: string): string | undefined {
  try {
    const { dev, ino, uid, mode, size, ctimeNs } = lstatSync(path, { bigint: true });
    return [dev, ino, uid, mode, size, ctimeNs].join("/");
  } catch {
    return undefined;
  }
}

/** In a directory that others can write, a file may be exchanged between our check and the loader's open. */
function makePrivate(named: string): string {
  const directory = join(realPathOf(dirname(named)), basename(named));
  const why = distrustOfParents(directory);
  if (why !== undefined) throw new Error(`${directory} could be exchanged: ${why}`);
  mkdirSync(dirname(directory), { recursive: true, mode: 0o755 });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const stat = lstatSync(directory);
  const refuse = (why: string): never => {
    throw new Error(`${directory} ${why}; remove it or correct it`);
  };
  if (!stat.isDirectory()) refuse("is not a directory");
  if (!isOurs(stat)) refuse("belongs to another user or can be written by others");
  return directory;
}

function holds(path: string, bytes: Uint8Array): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size !== bytes.byteLength || !isOurs(stat)) return false;
  return readFileSync(path).equals(bytes);
}

/** Where users have no number (Windows), the access list of the profile directory is the guard. */
function isOurs(stat: { uid: number; mode: number }): boolean {
  const uid = process.getuid?.();
  return uid === undefined || (stat.uid === uid && (stat.mode & 0o022) === 0);
}
