import { type Scalar, Schema } from "yaml";
import { isObject } from "../../lib/json-object.ts";
import { MAX_BODY_BYTES } from "../limits.ts";
import { expand, TOO_LARGE, type Variables } from "../variables/expand.ts";

/** Keys and indexes from the root of a document. */
export type Path = readonly (string | number)[];

/** What is wrong with a variable, and where in the text. */
export interface Misuse {
  offset: number;
  problem: string;
}

/**
 * Puts the values of variables into scalars that were parsed already, so that no value can change what the document is made of. Keys, tags and comments stay as
 * they are written. One for each file.
 */
export class Substitution {
  readonly #variables: Variables;
  /** Characters of the texts that have variables, with these put in. */
  size = 0;
  #misuses: Misuse[] = [];
  #secrets: { offset: number; path: Path; name: string }[] = [];

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  /**
   * A plain scalar that is one variable and nothing else gets the type that its value has in YAML's core schema; all others are strings. So is what comes from a Secret:
   * only strings may have it, and what the server says of another type would tell something of it.
   */
  read({ value, type, tag, range }: Scalar, path: Path): unknown {
    // A value must not decide whether there is a document.
    if (typeof value !== "string" || path.length === 0) return value;
    if (this.size > MAX_BODY_BYTES) return value;
    const expanded = expand(value, this.#variables);
    if (!expanded) return value;
    const offset = range?.[0] ?? 0;
    this.size += expanded.text.length;
    if (this.size > MAX_BODY_BYTES) this.#misuses.push({ offset, problem: TOO_LARGE });
    this.#misuses.push(...expanded.problems.map((problem) => ({ offset, problem })));
    this.#secrets.push(...expanded.secrets.map((name) => ({ offset, path: [...path], name })));
    const isTyped = expanded.isWhole && expanded.secrets.length === 0 && type === "PLAIN" && tag === undefined;
    return isTyped ? resolve(expanded.text) : expanded.text;
  }

  /** Everything that was wrong since the last call. `document`: what came of the scalars that were read since then. */
  misuses(document: unknown): Misuse[] {
    const leaks = this.#secrets
      .filter(({ path }) => !isValueOfSecret(document, path))
      .map(({ offset, name }) => ({
        offset,
        problem: `the variable ${name} comes from a Secret: only data and stringData of a Secret may have it`,
      }));
    const all = [...this.#misuses, ...leaks].sort((a, b) => a.offset - b.offset);
    this.#misuses = [];
    this.#secrets = [];
    return all;
  }
}

const { tags } = new Schema({ schema: "core" });

/** As the parser reads a plain scalar of this text. */
function resolve(text: string): unknown {
  const tag = tags.find((tag) => tag.default === true && !tag.collection && tag.test?.test(text));
  if (!tag || tag.collection) return text;
  return bare(tag.resolve(text, () => {}, {}));
}

/** Some tags resolve to a node around the value. */
const bare = (resolved: unknown): unknown => (isObject(resolved) && "value" in resolved ? resolved.value : resolved);

/** The path leads to a member of `data` or `stringData` of a Secret, which may be an item of a List. */
function isValueOfSecret(document: unknown, path: Path): boolean {
  if (!isObject(document)) return false;
  if (document.apiVersion === "v1" && document.kind === "Secret") {
    return path.length === 2 && (path[0] === "data" || path[0] === "stringData");
  }
  const isList = String(document.kind).endsWith("List") && Array.isArray(document.items);
  return (
    isList && path[0] === "items" && isValueOfSecret((document.items as unknown[])[Number(path[1])], path.slice(2))
  );
}
