import { readdirSync } from "node:fs";

/** The names in a folder; empty when there is no such folder, or it can't be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
