import { existsSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, resolve } from "node:path";

/** A file without its types. */
export interface Source {
  /** Absolute. */
  path: string;
  code: string;
  /** Modules, packages and files as they are written. */
  imports: readonly string[];
}

/** The formatter keeps imports in one shape. */
const IMPORTED = /^(?:import|export)\s(?:[^;"'`]*?\sfrom\s)?"([^"\n]+)"|\bimport\("([^"\n]+)"\)/gm;

/** Whether something is true of a file or of any that it imports, at once or on demand. */
export class ImportWalk {
  readonly #project: string;
  readonly #isTrueOf: (source: Source) => boolean;
  readonly #known: Map<string, boolean>;

  /**
   * @param isTrueOf of this one file. Of what is no TypeScript of the project it is taken to be true.
   * @param doors paths in the project: what is imported through one of them does not count.
   */
  constructor(project: string, isTrueOf: (source: Source) => boolean, doors: readonly string[] = []) {
    this.#project = project;
    this.#isTrueOf = isTrueOf;
    this.#known = new Map(doors.map((door) => [resolve(project, door), false]));
  }

  /** @param file a path in the project. */
  of(file: string): boolean {
    const path = resolve(this.#project, file);
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    this.#known.set(path, false); // No file imports itself by way of others (test/floors.test.ts).
    const found = this.#look(path);
    this.#known.set(path, found);
    return found;
  }

  #look(path: string): boolean {
    if (!path.endsWith(".ts") || !existsSync(path)) return true;
    const code = stripTypeScriptTypes(readFileSync(path, "utf8"));
    const imports = [...code.matchAll(IMPORTED)].map(([, eager, lazy]) => eager ?? lazy!);
    if (this.#isTrueOf({ path, code, imports })) return true;
    return imports.some((name) => name.startsWith(".") && this.of(resolve(dirname(path), name)));
  }
}
