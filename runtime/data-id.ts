import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The name of this data directory on this machine: in the environment of each workload and in the names of jobs and cgroups.
 * Made once; a damaged file is an error, because a new id would disown every running workload.
 */
export function readOrMakeDataId(dataDir: string): string {
  const file = join(dataDir, "data-id");
  if (!existsSync(file)) makeOnce(file);
  const id = readFileSync(file, "utf8").trim();
  if (/^[0-9a-f]{16}$/.test(id)) return id;
  throw new Error(
    `${file} does not hold 16 hexadecimal digits: restore it from WCTL_DATA_ID in the environment of a running workload, or remove it when none runs`,
  );
}

/** Whole or absent, also when killed in between; of two makers one wins. */
function makeOnce(file: string): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${randomBytes(8).toString("hex")}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(fresh);
  }
}
