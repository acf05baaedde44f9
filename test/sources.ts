import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

export const projectRoot = join(import.meta.dirname, "..");

export const rooms = [
  "lib",
  "api",
  "store",
  "machinery",
  "runtime",
  "git",
  "apiserver",
  "controllers",
  "cmd/wctl",
  "cmd/wctld",
] as const;

export type Room = (typeof rooms)[number];

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  path: string;
  text: string;
  imports: Import[];
}

export interface Import {
  /** A path from the project's root for relative imports, else the package or Node module as written. */
  target: string;
  isLazy: boolean;
}

/** Files of the rooms, or whatever else the pattern names. */
export function sourceFiles(pattern = `{${rooms.join(",")}}/**/*.ts`): SourceFile[] {
  return globSync(pattern, { cwd: projectRoot }).map((file) => {
    const path = file.replaceAll("\\", "/");
    const text = readFileSync(join(projectRoot, path), "utf8");
    return { path, text, imports: importsOf(path, text) };
  });
}

/** The formatter keeps imports in one shape, so a pattern finds them all: `import`, `export ... from`, `import()`. */
export function importsOf(path: string, text: string): Import[] {
  const eager = /^(?:import|export)\s(?:[^;"'`]*?\sfrom\s)?["']([^"']+)["']/gm;
  const lazy = /\bimport\(\s*["']([^"']+)["']\s*\)/g;
  const resolve = (specifier: string): string =>
    specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier;
  return [
    ...Array.from(text.matchAll(eager), ([, target]) => ({ target: resolve(target!), isLazy: false })),
    ...Array.from(text.matchAll(lazy), ([, target]) => ({ target: resolve(target!), isLazy: true })),
  ];
}

export function roomOf(path: string): Room | undefined {
  return rooms.find((room) => path.startsWith(`${room}/`));
}
