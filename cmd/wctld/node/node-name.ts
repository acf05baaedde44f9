import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { replaceFile } from "../../../lib/replace-file.ts";

const isName = (text: string): boolean => /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(text);

/**
 * The name of this machine's Node object. Kept in the data directory: Instances are bound to it, and a machine that is renamed must still
 * find them. When it was lost there, `known` (the Nodes in the store) tells it, as long as there is only one.
 */
export function nodeName(dataDir: string, known: () => readonly string[]): string {
  const file = join(dataDir, "node-name");
  const kept = readKept(file);
  if (kept !== undefined && isName(kept)) return kept;
  const [only, ...others] = known();
  const name = only !== undefined && others.length === 0 ? only : nameOfMachine();
  replaceFile(file, `${name}\n`);
  return name;
}

function readKept(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const nameOfMachine = (): string =>
  hostname()
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 63)
    .replace(/[^a-z0-9]+$/, "") || "localhost";
