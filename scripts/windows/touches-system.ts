import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, relative, resolve } from "node:path";

/** Modules of Node that give the same answers on every operating system. Every other one is taken to ask the system. */
const pure = new Set(
  "assert assert/strict async_hooks buffer crypto events perf_hooks sea stream stream/consumers string_decoder test timers timers/promises url util v8 zlib"
    .split(" ")
    .map((name) => `node:${name}`),
);
/** The same of packages. */
const purePackages = new Set(["ajv", "fast-check", "rfc6902", "yaml"]);
/** What a file of the product asks of its process that differs by platform. Tests ask it to leave something out. */
const ASKS_PROCESS = /\bprocess\.(platform|env|cwd|getuid|argv)\b/;
/** The formatter keeps imports in one shape. */
const IMPORTED = /^(?:import|export)\s(?:[^;"'`]*?\sfrom\s)?"([^"\n]+)"|\bimport\("([^"\n]+)"\)/gm;
/** A file that is opened or begun as a thread. */
const NEIGHBOUR = /\bnew URL\("(\.[^"\n]+)", import\.meta/g;

/**
 * Whether a file, or anything that it imports, asks the operating system for something: then its result on Windows says something that its result on
 * Linux does not. In doubt it does.
 */
export class SystemTouch {
  readonly #project: string;
  readonly #known = new Map<string, boolean>();

  constructor(project: string) {
    this.#project = project;
  }

  of(file: string): boolean {
    const path = resolve(this.#project, file);
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    this.#known.set(path, false); // No file imports itself by way of others (test/floors.test.ts).
    const touches = this.#look(path);
    this.#known.set(path, touches);
    return touches;
  }

  #look(path: string): boolean {
    if (!path.endsWith(".ts")) return true;
    const code = stripTypeScriptTypes(readFileSync(path, "utf8"));
    const isTest = relative(this.#project, path).startsWith("test");
    if (!isTest && ASKS_PROCESS.test(code)) return true;
    const imports = [...code.matchAll(IMPORTED)].map(([, eager, lazy]) => eager ?? lazy!);
    const neighbours = [...code.matchAll(NEIGHBOUR)].map(([, name]) => name!);
    return [...imports, ...neighbours].some((imported) => {
      if (imported.startsWith(".")) return this.of(resolve(dirname(path), imported));
      return imported.startsWith("node:") ? !pure.has(imported) : !purePackages.has(imported);
    });
  }
}
