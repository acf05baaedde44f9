import { lstat, readlink } from "node:fs/promises";
import { dirname, join, parse, resolve, sep } from "node:path";

/** How a path is reached. */
export interface Route {
  /** The links on the way, in their order: when one of them is exchanged, the path leads elsewhere. */
  links: string[];
  /** Where it leads, or as far as it leads when something on the way is missing. */
  real: string;
}

/** More links than these on one path are a loop, as for Linux. */
const MOST_LINKS = 40;

/** Follows the links of a path, wherever they stand in it, one by one. */
export async function routeTo(path: string): Promise<Route> {
  const links: string[] = [];
  let [at, left] = split(resolve(path));
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    if (name === "..") at = dirname(at);
    if (name === ".." || name === "." || name === "") continue;
    const next = join(at, name);
    const target = await targetOf(next);
    if (target === undefined) {
      at = next;
      continue;
    }
    links.push(next);
    if (links.length > MOST_LINKS) return { links, real: join(next, ...left) };
    // Relative to where the link stands, which is `at`.
    const absolute = parse(target).root !== "";
    const [root, names] = absolute ? split(target) : [at, target.split(/[\\/]/)];
    at = root;
    left = [...names, ...left];
  }
  return { links, real: at };
}

function split(path: string): [root: string, names: string[]] {
  const { root } = parse(path);
  return [root, path.slice(root.length).split(sep === "\\" ? /[\\/]/ : sep)];
}

/** Undefined for what is no link, or does not exist. */
async function targetOf(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : undefined;
  } catch {
    return undefined;
  }
}
