import { globSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface OwnCgroup {
  /** When nothing runs in it any more. */
  remove(): void;
}

/** The unified hierarchy, beside those of version 1 or alone, and that of version 1 in which systemd names its units. */
const hierarchies = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup"];

/** Starts something in a new cgroup: this process goes there, and back. Needs root. */
export function inOwnCgroup<T>(start: () => T): { supervisor: T; cgroup: OwnCgroup } {
  const places = whereIAm();
  const own = places.map((place) => join(place, `wctl-bench-${process.pid}-${Date.now()}`));
  try {
    for (const folder of own) {
      mkdirSync(folder);
      enter(folder);
    }
    return { supervisor: start(), cgroup: { remove: () => own.forEach(removeTree) } };
  } finally {
    places.forEach(enter);
  }
}

/** Why that is not possible here. */
export function noOwnCgroup(): string | undefined {
  if (process.getuid?.() !== 0) return "a cgroup of its own needs root";
  try {
    inOwnCgroup(() => {}).cgroup.remove();
    return undefined;
  } catch (error) {
    return `no cgroup can be made: ${(error as Error).message}`;
  }
}

/** The folders of this process in them (cgroups(7): hierarchy, controllers, path). */
function whereIAm(): string[] {
  const lines = readFileSync("/proc/self/cgroup", "utf8").trim().split("\n");
  const named = (name: string) => lines.find((line) => line.split(":")[1] === name)?.split(":")[2];
  const [unified, systemd] = [named(""), named("name=systemd")];
  const mounted = hierarchies.filter((folder) => globSync(join(folder, "cgroup.procs")).length > 0);
  return mounted.flatMap((folder) => {
    const path = folder.endsWith("/systemd") ? systemd : unified;
    return path === undefined ? [] : [join(folder, path)];
  });
}

const enter = (folder: string): void => writeFileSync(join(folder, "cgroup.procs"), String(process.pid));

function removeTree(folder: string): void {
  const inner = globSync("**/cgroup.procs", { cwd: folder }).map((file) => join(folder, file, ".."));
  for (const one of inner.toSorted((a, b) => b.length - a.length)) rmdirSync(one);
}
