import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** One write is one command to the kernel, so no truncation and no second write. */
export function put(folder: string, file: string, value: string): void {
  const fd = openSync(join(folder, file), "r+");
  try {
    writeSync(fd, value);
  } finally {
    closeSync(fd);
  }
}

/** False instead of an error, for files that only some kernels have. */
export function tryPut(folder: string, file: string, value: string): boolean {
  try {
    put(folder, file, value);
    return true;
  } catch {
    return false;
  }
}
