import { globSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";

/** The test files under these files and folders, relative to the project, with `/` on every system. */
export function testFiles(project: string, paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => {
    const full = resolve(project, path);
    if (statSync(full).isFile()) return [full];
    return globSync("**/*.test.ts", { cwd: full }).map((file) => join(full, file));
  });
  return [...new Set(files.map((file) => relative(project, file).replaceAll("\\", "/")))];
}
