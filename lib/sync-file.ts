import { closeSync, fsyncSync, openSync } from "node:fs";

/** Makes its content durable. */
export function syncFile(file: string): void {
  const fd = openSync(file, "r+");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
