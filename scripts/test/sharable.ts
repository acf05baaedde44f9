import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { SystemTouch } from "../windows/touches-system.ts";
import { isSlow } from "./slow-files.ts";

/** So many that loading is shared, so few that both ends of a run have work for every processor. */
const TOGETHER = 24;
/** A hook of a file itself would be one of all files in the process. The formatter keeps such calls at the beginning of a line. */
const HOOK_OF_FILE = /^(?:before|after|beforeEach|afterEach)\(/m;

/**
 * Puts files that may share a process together: what asks the operating system nothing leaves nothing behind in its process. Each other file is alone.
 * The order of what is alone stays; what is together comes last, since it is light.
 */
export function sharing(project: string, files: readonly string[]): string[][] {
  const touch = new SystemTouch(project);
  const isSharable = (file: string): boolean =>
    !isSlow(file) && !touch.of(file) && !HOOK_OF_FILE.test(readFileSync(resolve(project, file), "utf8"));
  const together = files.filter(isSharable);
  const alone = files.filter((file) => !together.includes(file)).map((file) => [file]);
  const groups = Array.from({ length: Math.ceil(together.length / TOGETHER) }, (_, n) =>
    together.slice(n * TOGETHER, (n + 1) * TOGETHER),
  );
  return [...alone, ...groups];
}
