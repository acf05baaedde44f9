import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A mounted cgroup tree and our place in it. */
export interface Hierarchy {
  version: 1 | 2;
  controllers: readonly string[];
  /** The folder of the daemon's own cgroup, as seen through the mount. */
  home: string;
}

export function readHierarchies(): Hierarchy[] {
  return parseHierarchies(
    readFileSync("/proc/self/mountinfo", "utf8"),
    readFileSync("/proc/self/cgroup", "utf8"),
    (mount) => {
      try {
        return readFileSync(join(mount, "cgroup.controllers"), "utf8").trim();
      } catch {
        return "";
      }
    },
  );
}

/** Pure: cgroups(7), proc_pid_mountinfo(5). `controllersOf` reads `cgroup.controllers` of a v2 mount. */
export function parseHierarchies(
  mountinfo: string,
  selfCgroup: string,
  controllersOf: (mount: string) => string,
): Hierarchy[] {
  const places = selfCgroup.split("\n").flatMap((line) => {
    const [id, names, ...path] = line.split(":");
    return id === undefined || names === undefined ? [] : [{ names: names.split(","), path: path.join(":") }];
  });
  return mountinfo.split("\n").flatMap((line) => {
    const [left = "", right = ""] = line.split(" - ");
    const [type, , superOptions = ""] = right.split(" ");
    const [, , , root = "/", mount = "", mountOptions = ""] = left.split(" ");
    if (mountOptions.split(",").includes("ro")) return [];
    const options = superOptions.split(",");
    const place =
      type === "cgroup2"
        ? places.find(({ names }) => names[0] === "")
        : type === "cgroup"
          ? places.find(({ names }) => names[0] !== "" && names.every((name) => options.includes(name)))
          : undefined;
    if (!place) return [];
    const below = relativeTo(root, place.path);
    const controllers = type === "cgroup2" ? words(controllersOf(join(unescapeOctal(mount), below))) : place.names;
    return [
      {
        version: type === "cgroup2" ? (2 as const) : (1 as const),
        controllers,
        home: join(unescapeOctal(mount), below),
      },
    ];
  });
}

/** Our path below the root of the mount. In a container the mount shows only a part of the tree, and our path may begin above it. */
function relativeTo(mountRoot: string, path: string): string {
  if (mountRoot === "/") return path.startsWith("/..") ? "/" : path;
  return path === mountRoot || path.startsWith(`${mountRoot}/`) ? path.slice(mountRoot.length) || "/" : "/";
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** Reads blanks and other characters as proc_pid_mountinfo(5) writes them in paths. */
export function unescapeOctal(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
