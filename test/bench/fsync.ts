import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Milliseconds of each of so many appends of two pages, made durable one after the other: the least that an acknowledged write can cost on this disk. */
export function bareFsyncs(folder: string, times = 200): number[] {
  const file = join(folder, "bare-fsync");
  const fd = openSync(file, "w");
  const pages = Buffer.alloc(8192, 1);
  try {
    return Array.from({ length: times }, () => {
      const began = performance.now();
      writeSync(fd, pages);
      fdatasyncSync(fd);
      return performance.now() - began;
    });
  } finally {
    closeSync(fd);
    rmSync(file);
  }
}
