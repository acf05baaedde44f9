import { closeSync, constants, openSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Removes a folder whose contents a workload could write. Each level is held open while it is emptied and its entries are named
 * through that descriptor, so a folder that is swapped for a link meanwhile is never followed (S11). Linux only: `/proc/self/fd`.
 */
export function removeTree(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, FOLDER);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return;
    if (code !== "ENOTDIR" && code !== "ELOOP") throw error;
    unlinkSync(path);
    return;
  }
  try {
    for (const name of readdirSync(`/proc/self/fd/${fd}`)) removeTree(`/proc/self/fd/${fd}/${name}`);
  } finally {
    closeSync(fd);
  }
  rmdirSync(path);
}
