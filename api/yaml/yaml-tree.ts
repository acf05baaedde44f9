import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from "yaml";
import { matchIndex, matchKey } from "../field-path.ts";
import { isForbiddenKey, MAX_BODY_BYTES, MAX_DEPTH } from "../limits.ts";
import { yamlProblems } from "./problems.ts";
import type { Substitution } from "./substitution.ts";

/** Expansions of aliases in one document. */
const MAX_ALIASES = 1000;

/** Characters that aliases have put into the documents of one file. */
export interface Expansion {
  size: number;
}

/** Throws the error for the place at `offset`. */
export type Fail = (offset: number, problem: string) => never;

/** The nodes of one document, as plain values and as places. Anchors are known in the order they are written. */
export class YamlTree {
  #fail: Fail;
  #substitution: Substitution | undefined;
  /** Of what is being read. */
  #path: (string | number)[] = [];
  #anchors = new Map<string, Node>();
  #targets = new Map<Alias, Node>();
  #open = new Set<Node>();
  #aliases = 0;
  /** Aliases that are being expanded right now. */
  #expanding = 0;
  #expanded: Expansion;

  constructor(fail: Fail, expanded: Expansion, substitution?: Substitution) {
    this.#fail = fail;
    this.#expanded = expanded;
    this.#substitution = substitution;
  }

  read(node: Node, depth: number): unknown {
    if (isAlias(node)) return this.#alias(node, depth);
    this.#check(node, depth);
    if (isScalar(node)) return this.#scalar(node);
    this.#open.add(node);
    const value = isMap(node) ? this.#map(node, depth) : this.#list(node, depth);
    this.#open.delete(node);
    return value;
  }

  /** Offset of the field: of its key in a map, of the item in a list. */
  locate(root: Node, path: string): number | undefined {
    let node: Node | undefined = root;
    let offset = start(root);
    for (let rest = path.replace(/^\$?\.?/, ""); rest !== ""; ) {
      if (node && isAlias(node)) node = this.#targets.get(node);
      const next: { node: Node | undefined; offset: number; rest: string } | undefined = step(node, rest);
      if (!next) return undefined;
      ({ node, offset, rest } = next);
    }
    return offset;
  }

  #check(node: Node, depth: number): void {
    const tag = "tag" in node ? node.tag : undefined;
    if (tag !== undefined && !CORE_TAGS.has(tag)) this.#fail(start(node), yamlProblems.TAG_RESOLVE_FAILED);
    if (depth > MAX_DEPTH && !isScalar(node)) this.#fail(start(node), `nested deeper than ${MAX_DEPTH} levels`);
    if ("anchor" in node && node.anchor) this.#anchors.set(node.anchor, node);
    if (this.#expanding === 0) return;
    this.#expanded.size += 8 + (isScalar(node) && typeof node.value === "string" ? node.value.length : 0);
    if (this.#expanded.size > MAX_BODY_BYTES)
      this.#fail(start(node), "aliases make this file too large: write it out, or split it");
  }

  #alias(node: Alias, depth: number): unknown {
    const target = this.#anchors.get(node.source);
    if (!target)
      this.#fail(start(node), "there is no anchor (&name) for this alias before it: if it is text, put it in quotes");
    if (this.#open.has(target)) this.#fail(start(node), "an alias cannot stand inside what it stands for");
    if (++this.#aliases > MAX_ALIASES)
      this.#fail(start(node), `more than ${MAX_ALIASES} aliases to expand: write the document out`);
    this.#targets.set(node, target);
    this.#expanding++;
    const value = this.read(target, depth);
    this.#expanding--;
    return value;
  }

  #scalar(node: Scalar): unknown {
    const at = start(node);
    const value = this.#substitution ? this.#substitution.read(node, this.#path) : node.value;
    if (typeof value === "number") {
      if (!Number.isFinite(value))
        this.#fail(at, "infinity and not-a-number cannot be stored: use a number, or put it in quotes");
      if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
        this.#fail(at, "the number is too large to be kept exactly (beyond 2^53): put it in quotes");
      }
      return value + 0; // -0 reads back as 0
    }
    if (typeof value === "string") this.#checkText(value, at);
    return value;
  }

  #checkText(text: string, at: number): void {
    if (text.includes("\0")) this.#fail(at, "a NUL character cannot be stored: remove the escape");
    if (!text.isWellFormed()) this.#fail(at, "half of a surrogate pair is not a character: write the character itself");
  }

  #list(node: Node, depth: number): unknown[] {
    if (!isSeq<Node | null>(node)) return [];
    return node.items.map((item, index) => (item ? this.#member(index, item, depth) : null));
  }

  #member(name: string | number, node: Node, depth: number): unknown {
    this.#path.push(name);
    const value = this.read(node, depth + 1);
    this.#path.pop();
    return value;
  }

  #map(node: YAMLMap, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const pair of node.items) {
      const key = this.#key(pair.key as Node | null, start(node));
      if (Object.hasOwn(result, key)) {
        this.#fail(
          start(pair.key as Node),
          `duplicate key ${JSON.stringify(key.slice(0, 100))}: remove one of the two`,
        );
      }
      result[key] = pair.value ? this.#member(key, pair.value as Node, depth) : null;
    }
    return result;
  }

  /** Keys are strings; numbers and booleans are taken as they are written. */
  #key(node: Node | null, parent: number): string {
    if (!node) this.#fail(parent, "a key is missing before a colon");
    const at = start(node);
    if (!isScalar(node) || node.value === null) this.#fail(at, "a key must be a plain string");
    this.#check(node, 0);
    const key = typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
    if (key === "<<" && node.type === "PLAIN") {
      this.#fail(at, "merge keys (<<) are not part of YAML 1.2: write the fields out");
    }
    if (isForbiddenKey(key)) this.#fail(at, `the key ${JSON.stringify(key)} is not allowed: choose another name`);
    this.#checkText(key, at);
    return key;
  }
}

const CORE_TAGS = new Set(
  ["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`),
);

/** Offset of the first character. */
export const start = (node: Node): number => node.range?.[0] ?? 0;

function step(
  node: Node | undefined,
  rest: string,
): { node: Node | undefined; offset: number; rest: string } | undefined {
  if (isMap<Scalar, Node | null>(node)) {
    const keyOf = (key: Scalar): string => (typeof key.value === "string" ? key.value : (key.source ?? ""));
    const match = matchKey(
      rest,
      node.items.map((pair) => keyOf(pair.key)),
    );
    const pair = match && node.items.find((one) => keyOf(one.key) === match.key);
    return pair && { node: pair.value ?? undefined, offset: start(pair.key), rest: match.rest };
  }
  if (!isSeq<Node | null>(node)) return undefined;
  const match = matchIndex(rest);
  const item = match && node.items[match.index];
  return item ? { node: item, offset: start(item), rest: match.rest } : undefined;
}
