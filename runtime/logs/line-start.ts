import { closeSync, openSync, readSync } from "node:fs";
import { Newlines } from "./newlines.ts";

/** How far after the offset we look for the beginning of a line. */
const LINE_SEARCH = 256 * 1024;

/** The offset after the first newline at or after `offset`; `offset` itself when there is none near. */
export function lineStartAfter(path: string, offset: number, newlines = new Newlines({ unit: 1 })): number {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(LINE_SEARCH);
    const found = newlines.endOfFirst(bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset)), 0, offset);
    return found === -1 ? offset : offset + found;
  } finally {
    closeSync(fd);
  }
}
