import { unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ReleaseOldest } from "./tracked-log.ts";

/** Tries to release the oldest part of a file in this folder. Returns the error; undefined when the file system can do it. */
export function releaseError(folder: string, release: ReleaseOldest): unknown {
  const path = join(folder, ".release-test");
  try {
    writeFileSync(path, Buffer.alloc(8192), { mode: 0o600 });
    release(path, 4096);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    try {
      unlinkSync(path);
    } catch {
      // It could not be made.
    }
  }
}
