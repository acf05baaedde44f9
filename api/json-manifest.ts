/** Manifests that are JSON, without the YAML parser: it takes the CLI 15 ms to load, and the daemon six times as long to read with. */
import { matchIndex, matchKey } from "./field-path.ts";
import { parseJson } from "./json.ts";
import { type Manifest, objectsOf } from "./manifest-objects.ts";
import { manifestText } from "./manifest-text.ts";
import type { Place, YamlDocument } from "./yaml-document.ts";

/** As `parseManifests`; undefined for what is not one JSON object, or not acceptable as such: `parseManifests` reads it, or says why not. */
export function parseJsonManifests(
  source: string | Uint8Array,
  file: string,
  options: { allowGenerateName?: boolean } = {},
): Manifest[] | undefined {
  const document = readJsonDocument(manifestText(source, file), file);
  return document && objectsOf(document, "", document.value, options);
}

export function readJsonDocument(text: string, file: string): YamlDocument | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const value = parseJson(text);
    return { value, file, document: 1, line: 1, lineOf: (path) => placeOf(text, new JsonPlaces(text).locate(path)) };
  } catch {
    return undefined;
  }
}

function placeOf(text: string, offset: number | undefined): Place | undefined {
  if (offset === undefined) return undefined;
  const before = text.slice(0, offset).split(/\r\n|\n/);
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const SCALAR = /"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y;

interface Member {
  /** Of the key in an object, of the item in a list. */
  offset: number;
  /** Of the value. */
  at: number;
  key: string;
}

/** Where the fields stand in text that is valid JSON. */
class JsonPlaces {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Offset of the field's key, or of the item in a list. */
  locate(path: string): number | undefined {
    let [at, offset] = [0, 0];
    for (let rest = path.replace(/^\$?\.?/, ""); rest !== ""; ) {
      const members = this.#members(at);
      const match =
        this.#text[at] === "{"
          ? matchKey(
              rest,
              members.map(({ key }) => key),
            )
          : indexIn(rest);
      const member = match && members.find(({ key }) => key === match.key);
      if (!member) return undefined;
      ({ at, offset } = member);
      rest = match.rest;
    }
    return offset;
  }

  /** Of the object or list at `at`; none of a scalar. */
  #members(at: number): Member[] {
    const members: Member[] = [];
    const close = this.#text[at] === "{" ? "}" : "]";
    if (!"{[".includes(this.#text[at]!)) return members;
    for (let next = this.#skip(SPACE, at + 1); this.#text[next] !== close; next = this.#skip(SPACE, next + 1)) {
      const value = close === "}" ? this.#skip(SPACE, this.#skip(SPACE, this.#skip(STRING, next)) + 1) : next;
      const key = close === "}" ? JSON.parse(this.#text.slice(next, this.#skip(STRING, next))) : String(members.length);
      members.push({ offset: next, at: value, key });
      next = this.#skip(SPACE, this.#end(value));
      if (this.#text[next] === close) break;
    }
    return members;
  }

  /** Behind the value at `at`. */
  #end(at: number): number {
    if (!"{[".includes(this.#text[at]!)) return this.#skip(SCALAR, at);
    let depth = 0;
    for (let next = at; ; next++) {
      const char = this.#text[next]!;
      if (char === '"') next = this.#skip(STRING, next) - 1;
      else if ("{[".includes(char)) depth++;
      else if ("}]".includes(char) && --depth === 0) return next + 1;
    }
  }

  /** Behind what the pattern matches at `at`. */
  #skip(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    return pattern.test(this.#text) ? pattern.lastIndex : at;
  }
}

function indexIn(path: string): { key: string; rest: string } | undefined {
  const match = matchIndex(path);
  return match && { key: String(match.index), rest: match.rest };
}
