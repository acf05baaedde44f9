import { readFile } from "node:fs/promises";
import { Failure } from "../../errors/failure.ts";

const problems: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "is a directory",
};

export const readProblem = (path: string, error: NodeJS.ErrnoException): Failure =>
  new Failure(`error reading ${path}: ${problems[error.code ?? ""] ?? error.message}`, { cause: error });

/** The bytes of a file that a flag names. */
export const readValueFile = (path: string): Promise<Buffer> =>
  readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw readProblem(path, error);
  });
