import { closeSync, fsyncSync, openSync } from "node:fs";

/** Makes its content durable. `flags`: how it is opened; Windows syncs only what is open for writing. */
export function syncFile(file: string, flags: "r" | "r+" = "r+"): void {
  const fd = openSync(file, flags);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
