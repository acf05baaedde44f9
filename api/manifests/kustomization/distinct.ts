import type { Manifest } from "../manifest.ts";
import { type Built, idOf, idText } from "./built.ts";
import { wholeFile } from "./repository.ts";

/** As kustomize has it: nothing is declared twice. Throws ManifestError. */
export function distinct(all: readonly Built[]): Built[] {
  const seen = new Map<string, Manifest>();
  for (const { manifest } of all) {
    const id = idOf(manifest.object);
    const key = JSON.stringify(id);
    const other = seen.get(key);
    if (other) {
      const problem = `${idText(id)} is declared in ${other.file}:${other.line} too: keep one of the two, or make one a patch`;
      throw wholeFile(manifest.file, problem, manifest.line);
    }
    seen.set(key, manifest);
  }
  return [...all];
}
