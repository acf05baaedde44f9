import { dirname, relative, resolve } from "node:path";
import { ImportWalk, type Source } from "../test/import-walk.ts";

/** Modules of Node that give the same answers on every operating system. Every other one is taken to ask the system. */
const pure = new Set(
  "assert assert/strict async_hooks buffer crypto events perf_hooks sea stream stream/consumers string_decoder test timers timers/promises url util v8 worker_threads zlib"
    .split(" ")
    .map((name) => `node:${name}`),
);
/** The same of packages. */
const purePackages = new Set(["ajv", "fast-check", "rfc6902", "yaml"]);
/** What a file of the product asks of its process that differs by platform. Tests ask it to leave something out. */
const ASKS_PROCESS = /\bprocess\.(platform|env|cwd|getuid|argv)\b/;
/** A file that is opened or begun as a thread. */
const NEIGHBOUR = /\bnew URL\("(\.[^"\n]+)", import\.meta/g;

/**
 * Whether a file, or anything that it imports, asks the operating system for something: then its result on Windows says something that its result on
 * Linux does not. In doubt it does.
 */
export class SystemTouch {
  readonly #project: string;
  readonly #walk: ImportWalk;

  constructor(project: string) {
    this.#project = project;
    this.#walk = new ImportWalk(project, (source) => this.#asks(source));
  }

  of(file: string): boolean {
    return this.#walk.of(file);
  }

  #asks({ path, code, imports }: Source): boolean {
    const isTest = relative(this.#project, path).startsWith("test");
    if (!isTest && ASKS_PROCESS.test(code)) return true;
    const neighbours = [...code.matchAll(NEIGHBOUR)].map(([, name]) => name!);
    if (neighbours.some((name) => this.of(resolve(dirname(path), name)))) return true;
    return imports.some((name) => {
      if (name.startsWith(".")) return false;
      return name.startsWith("node:") ? !pure.has(name) : !purePackages.has(name);
    });
  }
}
