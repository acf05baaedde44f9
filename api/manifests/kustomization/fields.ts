import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import { nearest } from "../../../lib/near-miss.ts";
import { parentPath } from "../../field-path.ts";
import { ManifestError } from "../../manifest-error.ts";
import type { YamlDocument } from "../../yaml/yaml-document.ts";

/** One map of a kustomization file. What is not as it must be is refused where it stands. */
export class Fields {
  readonly document: YamlDocument;
  /** Of the map in its document; empty for the document's own. */
  readonly path: string;
  readonly #value: JsonObject;

  private constructor(document: YamlDocument, path: string, value: JsonObject) {
    this.document = document;
    this.path = path;
    this.#value = value;
  }

  static of(document: YamlDocument): Fields {
    if (!isObject(document.value)) throw refusal(document, "", "a kustomization is a map");
    return new Fields(document, "", document.value);
  }

  /** Throws for every field that is neither known nor refused with a reason of its own. */
  only(known: readonly string[], unsupported: Readonly<Record<string, string>> = {}): void {
    for (const [name, value] of Object.entries(this.#value)) {
      if (value === null || known.includes(name)) continue;
      if (Object.hasOwn(unsupported, name)) throw this.refuse(name, `is not supported: ${unsupported[name]}`);
      const meant = nearest(name, known);
      throw this.refuse(name, `unknown field${meant ? ` (did you mean ${JSON.stringify(meant)}?)` : ""}`);
    }
  }

  has(name: string): boolean {
    return this.#at(name) !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#at(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value === "") throw this.refuse(name, "must be a string that is not empty");
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.#at(name);
    if (value === undefined) return undefined;
    if (typeof value !== "boolean") throw this.refuse(name, "must be true or false");
    return value;
  }

  texts(name: string): string[] {
    return this.#list(name).map((value, index) => {
      if (typeof value !== "string" || value === "") {
        throw this.refuse(`${name}[${index}]`, "must be a string that is not empty");
      }
      return value;
    });
  }

  /** Strings by key, as labels are. */
  pairs(name: string): Record<string, string> {
    const value = this.#at(name) ?? {};
    if (!isObject(value)) throw this.refuse(name, "must be a map of strings");
    for (const [key, one] of Object.entries(value)) {
      if (typeof one !== "string") throw this.refuse(`${name}.${key}`, "must be a string; put numbers in quotes");
    }
    return value as Record<string, string>;
  }

  map(name: string): Fields | undefined {
    const value = this.#at(name);
    if (value === undefined) return undefined;
    if (!isObject(value)) throw this.refuse(name, "must be a map");
    return new Fields(this.document, this.#pathOf(name), value);
  }

  maps(name: string): Fields[] {
    return this.#list(name).map((value, index) => {
      const at = `${name}[${index}]`;
      if (!isObject(value)) throw this.refuse(at, "must be a map");
      return new Fields(this.document, this.#pathOf(at), value);
    });
  }

  /** What to throw about a field, or with an empty name about the whole map. */
  refuse(name: string, problem: string): ManifestError {
    return refusal(this.document, this.#pathOf(name), problem);
  }

  #at(name: string): unknown {
    return Object.hasOwn(this.#value, name) ? (this.#value[name] ?? undefined) : undefined;
  }

  #list(name: string): unknown[] {
    const value = this.#at(name) ?? [];
    if (!Array.isArray(value)) throw this.refuse(name, "must be a list");
    return value;
  }

  #pathOf(name: string): string {
    return this.path && name ? `${this.path}.${name}` : this.path + name;
  }
}

/** At the field, or at the nearest one around it that the text has. */
export function refusal(document: YamlDocument, field: string, problem: string): ManifestError {
  let place = { line: document.line, column: 1 };
  for (let path: string | undefined = field; path; path = parentPath(path)) {
    const found = document.lineOf(path);
    if (!found) continue;
    place = found;
    break;
  }
  return new ManifestError(
    { file: document.file, document: document.document, ...place },
    `${field}${field && ": "}${problem}`,
  );
}
