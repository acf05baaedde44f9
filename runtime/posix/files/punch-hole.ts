import { closeSync, openSync } from "node:fs";
import { releaseError } from "../../logs/release-trial.ts";
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from "../ffi/layout.ts";
import { errno, fallocate } from "../ffi/libc.ts";
import { systemError } from "../system-error.ts";

/** `ReleaseOldest` on Linux: fallocate(2). The file keeps its size; the released part reads as zeros and takes no space. */
export function punchHole(path: string, length: number): void {
  const fd = openSync(path, "r+");
  try {
    if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, length) !== 0) {
      throw systemError("fallocate", errno(), { path });
    }
  } finally {
    closeSync(fd);
  }
}

/** Why logs in this folder can't be kept within their size; undefined when they can. */
export function whyNotPunchable(folder: string): string | undefined {
  const { code, message } = (releaseError(folder, punchHole) ?? {}) as NodeJS.ErrnoException;
  const isLacking = code === "EOPNOTSUPP" || code === "ENOSYS";
  return isLacking ? `the file system of the data directory has no hole punching (${message})` : undefined;
}
