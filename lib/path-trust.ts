import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, join, parse, resolve, sep } from "node:path";

/**
 * Tells who could change what a privileged program is about to read, before it reads. What others can write is a claim (docs/security.md): a folder
 * of manifests, a configuration, a data directory, a kubeconfig. The answers are sentences for people; undefined means trust. A path where nothing is
 * counts as trusted: its reader tells.
 */
export interface PathTrust {
  /** Judges what lies at the path, every folder above it, and every link on the way: whoever can rename one of them decides what is read. */
  ofPath(path: string): string | undefined;
  /** Judges one entry of a folder that is trusted with all above it. */
  ofEntry(path: string): string | undefined;
}

/** `above`: a folder on the way, or a link. `itself`: what is read. */
export type Place = "above" | "itself";

/** The rule of one system for one thing. May throw what `lstat` throws. */
export type Judge = (path: string, stat: Stats, place: Place) => string | undefined;

/** As the kernel: more links than these on one path are a loop. */
const MOST_LINKS = 40;

/** Walks a path as the system does, link by link, and judges each step (sshd does so with the home of authorized_keys). */
export function pathTrust(judge: Judge): PathTrust {
  return {
    ofPath: (path) => tellMissing(() => walk(resolve(path), judge)),
    ofEntry: (path) => tellMissing(() => judge(path, lstatSync(path), "itself")),
  };
}

function walk(path: string, judge: Judge): string | undefined {
  let { root: at } = parse(path);
  let rest = partsOf(path);
  let why = judge(at, lstatSync(at), rest.length === 0 ? "itself" : "above");
  for (let links = 0; why === undefined && rest.length > 0; ) {
    const [name, ...others] = rest as [string, ...string[]];
    const next = name === ".." ? dirname(at) : join(at, name);
    const stat = lstatSync(next);
    if (stat.isSymbolicLink()) {
      if (++links > MOST_LINKS) return `${path} leads through too many links`;
      why = judge(next, stat, "above");
      const target = readlinkSync(next);
      rest = [...partsOf(target), ...others];
      at = parse(target).root || at;
      continue;
    }
    why = judge(next, stat, others.length === 0 ? "itself" : "above");
    [at, rest] = [next, others];
  }
  return why;
}

const partsOf = (path: string): string[] =>
  path
    .slice(parse(path).root.length)
    .split(sep === "\\" ? /[\\/]/ : sep)
    .filter((part) => part !== "" && part !== ".");

function tellMissing(look: () => string | undefined): string | undefined {
  try {
    return look();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : `who may write to it can't be seen: ${message}`;
  }
}

const STICKY = 0o1000;
const OTHERS_WRITE = 0o022;
const GROUP_WRITES = 0o020;

/**
 * The rule of POSIX. The owner is root or this user, and nobody else may write. Above it a sticky folder such as /tmp will do, because nobody else
 * can move what others own there. Many systems give each user a group with nobody else in it, with the user's own number, and let it write: it counts
 * as the user, except for what root reads. An access list shows in the bits of the group.
 */
export function posixJudge({ uid, gid }: { uid: number; gid: number }): Judge {
  const isPrivateGroup = (group: number): boolean => uid !== 0 && group === uid && group === gid;
  return (path, stat, place) => {
    if (stat.uid !== 0 && stat.uid !== uid) return `${path} belongs to another user (uid ${stat.uid})`;
    if (stat.isSymbolicLink()) return undefined; // Its mode says nothing; the folder that holds it was judged.
    const writers = stat.mode & OTHERS_WRITE;
    if (writers === 0 || (place === "above" && (stat.mode & STICKY) !== 0)) return undefined;
    return writers === GROUP_WRITES && isPrivateGroup(stat.gid) ? undefined : `${path} can be written by others`;
  };
}
