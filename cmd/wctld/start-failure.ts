import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Why the service did not start the last time: written by it, read by `wctl service status`. Best effort: the event log has it too. */
const fileIn = (dataDir: string): string => join(dataDir, "start-failure.txt");

export function noteStartFailure(dataDir: string, message: string): void {
  try {
    writeFileSync(fileIn(dataDir), `${message}\n`, { mode: 0o600 });
  } catch {
    // The data directory may be the very thing that is wrong.
  }
}

export function forgetStartFailure(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
}

export function lastStartFailure(dataDir: string): string | undefined {
  try {
    return readFileSync(fileIn(dataDir), "utf8").trim();
  } catch {
    return undefined;
  }
}
