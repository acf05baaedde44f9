import { fchmodSync, fchownSync } from "node:fs";
import type { Credentials } from "../launcher/launch-calls.ts";

/**
 * Lets a program of another account open its output again (`> /dev/stderr` in a script): through its group, and for writing only. The file stays the
 * daemon's, so the account can neither read it nor change who may, and the folders above stay closed. Serves pipes as well as files.
 */
export function shareOutput(descriptors: readonly number[], credentials: Credentials | undefined): void {
  if (!credentials) return;
  for (const fd of new Set(descriptors)) {
    fchownSync(fd, process.geteuid!(), credentials.gid);
    fchmodSync(fd, 0o620);
  }
}

/** The same for a pipe that it reads. */
export function shareInput(fd: number, credentials: Credentials | undefined): void {
  if (!credentials) return;
  fchownSync(fd, process.geteuid!(), credentials.gid);
  fchmodSync(fd, 0o640);
}
