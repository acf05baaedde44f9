import { readFileSync } from "node:fs";
import { readOfOtherThread } from "../../process/proc.ts";
import { unescapeOctal } from "./hierarchies.ts";

/**
 * The path that `/proc/PID/cgroup` shows for processes in the group of this folder. We compare the whole path, because a user who may make groups of
 * his own can give one the name that ours has. Undefined where the mount does not show where paths begin.
 */
export function pathOfGroup(
  folder: string,
  mountinfo = readFileSync("/proc/self/mountinfo", "utf8"),
): string | undefined {
  const mounts = mountinfo.split("\n").flatMap((line) => {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , root = "/", encoded = ""] = left.split(" ");
    const mount = unescapeOctal(encoded);
    return /^cgroup2? /.test(right) && folder.startsWith(`${mount}/`) ? [{ root, mount }] : [];
  });
  const [nearest] = mounts.sort((a, b) => b.mount.length - a.mount.length);
  if (!nearest || nearest.root.startsWith("/..")) return undefined;
  return (nearest.root === "/" ? "" : nearest.root) + folder.slice(nearest.mount.length);
}

/** Whether a process is in the group or below it. `controller`: "" is v2. `path`: of `pathOfGroup`; without one we compare the `end` of the path. */
export function isInGroup(pid: number, controller: string, path: string | undefined, end: string): boolean {
  const names = (text: string): boolean => {
    const found = pathIn(text, controller);
    return path === undefined ? `${found}/`.includes(`${end}/`) : `${found}/`.startsWith(`${path}/`);
  };
  try {
    if (names(readFileSync(`/proc/${pid}/cgroup`, "utf8"))) return true;
  } catch {
    return false;
  }
  return names(readOfOtherThread(pid, "cgroup") ?? ""); // An ended first thread is shown in the root group.
}

function pathIn(text: string, controller: string): string {
  for (const line of text.split("\n")) {
    const [, names, ...path] = line.split(":");
    const hasName = controller === "" ? names === "" : names?.split(",").includes(controller);
    if (hasName) return path.join(":");
  }
  return "";
}
