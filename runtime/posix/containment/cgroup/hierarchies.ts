import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A mounted cgroup tree and the place in it for the groups of workloads. */
export interface Hierarchy {
  version: 1 | 2;
  controllers: readonly string[];
  /** The folder in which they are to be, as seen through the mount: the daemon's own cgroup, or the one around it. */
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
  return mountinfo.split("\n").flatMap((line): Hierarchy[] => {
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
    const own = join(unescapeOctal(mount), relativeTo(root, place.path));
    if (type === "cgroup") return [{ version: 1, controllers: place.names, home: own }];
    return homesFrom(own).map((home) => ({ version: 2, controllers: words(controllersOf(home)), home }));
  });
}

/**
 * In v2 a cgroup that hands controllers down takes no process any more. If workloads that outlive the daemon were below the cgroup of its service, systemd could
 * not start it again (219/CGROUP). So beside the service first, in its slice; in it only where the slice can't be written.
 */
const homesFrom = (own: string): string[] => (own.endsWith(".service") ? [dirname(own), own] : [own]);

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
