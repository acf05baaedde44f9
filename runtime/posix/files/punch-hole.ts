import { closeSync, openSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
  const path = join(folder, ".punch-hole-test");
  try {
    writeFileSync(path, Buffer.alloc(8192), { mode: 0o600 });
    punchHole(path, 4096);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "EOPNOTSUPP" || code === "ENOSYS"
      ? `the file system of the data directory has no hole punching (${message})`
      : undefined;
  } finally {
    try {
      unlinkSync(path);
    } catch {
      // It could not be made.
    }
  }
}
