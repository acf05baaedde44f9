import { changesProcess } from "./changes-process.ts";
import { isSlow } from "./slow-files.ts";

/** So many that loading is shared, so few that both ends of a run have work for every processor. */
const TOGETHER = 24;

/**
 * Puts files that may share a process together: what changes nothing in its process does not disturb the next. Each other file is alone.
 * The order of what is alone stays; what is together comes last, since it is light, by its path: neighbours import the same.
 */
export function sharing(project: string, files: readonly string[]): string[][] {
  const changes = changesProcess(project);
  const together = new Set(files.filter((file) => !isSlow(file) && !changes.of(file)));
  const alone = files.filter((file) => !together.has(file)).map((file) => [file]);
  const sorted = [...together].sort();
  const groups = Array.from({ length: Math.ceil(sorted.length / TOGETHER) }, (_, n) =>
    sorted.slice(n * TOGETHER, (n + 1) * TOGETHER),
  );
  return [...alone, ...groups];
}
