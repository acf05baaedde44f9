import { statSync } from "node:fs";
import { StartError } from "./runtime.ts";

/** What is at a path; undefined when there is nothing, or it can't be reached. */
export function kindOf(path: string): "file" | "directory" | undefined {
  try {
    return statSync(path).isDirectory() ? "directory" : "file";
  } catch {
    return undefined;
  }
}

/** Explains a start that failed because of its working directory; undefined when that is a directory. */
export function workingDirFailure(workingDir: string, cause: unknown): StartError | undefined {
  const kind = kindOf(workingDir);
  if (kind === "directory") return undefined;
  const what = kind === undefined ? "does not exist" : "is not a directory";
  return new StartError("WorkingDirNotFound", `working directory ${workingDir} ${what}`, { cause });
}
