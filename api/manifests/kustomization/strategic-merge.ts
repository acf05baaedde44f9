import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import { schemas } from "../../schemas.generated.ts";
import { type Copies, widthOf } from "./budget.ts";

/** The part of a schema that tells how lists are merged. */
interface ListSchema {
  properties?: Readonly<Record<string, ListSchema>>;
  items?: ListSchema;
  "x-kubernetes-list-map-keys"?: readonly string[];
}

const DIRECTIVES = new Set(["delete", "replace", "merge"]);

/** A patch that is none; the message tells where in it. */
export class BadPatch extends Error {}

/**
 * The Object with a strategic merge patch of the same kind: null removes, maps merge, a list whose items have a key by the kind's schema merges item by
 * item (new ones stand first, as with kustomize), every other list is replaced. `$patch: delete` and `$patch: replace` are understood. Undefined:
 * the whole Object is taken away. Throws BadPatch.
 */
export function strategicMerge(current: JsonObject, patch: JsonObject, copies: Copies): JsonObject | undefined {
  const schema = (schemas as unknown as Record<string, ListSchema>)[String(current.kind)] ?? {};
  if (directiveOf(patch, "") === "delete") return undefined;
  return new Merge(copies).map(current, patch, schema, "");
}

class Merge {
  readonly #copies: Copies;

  constructor(copies: Copies) {
    this.#copies = copies;
  }

  map(current: JsonObject, patch: JsonObject, schema: ListSchema, path: string): JsonObject {
    this.#copies(widthOf(current));
    const merged: JsonObject = directiveOf(patch, path) === "replace" ? {} : { ...current };
    for (const [key, value] of Object.entries(patch)) {
      const at = path ? `${path}.${key}` : key;
      if (key === "$patch") continue;
      if (key.startsWith("$")) throw new BadPatch(`${at} is not supported`);
      const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
      const after = this.#value(before, value, schema.properties?.[key] ?? {}, at);
      if (after === undefined) delete merged[key];
      else merged[key] = after;
    }
    return merged;
  }

  #value(before: unknown, value: unknown, schema: ListSchema, path: string): unknown {
    if (value === null) return undefined;
    if (Array.isArray(value)) return this.#list(Array.isArray(before) ? before : [], value, schema, path);
    if (!isObject(value)) return value;
    if (directiveOf(value, path) === "delete") return undefined;
    return this.map(isObject(before) ? before : {}, value, schema, path);
  }

  #list(before: readonly unknown[], patch: readonly unknown[], schema: ListSchema, path: string): unknown[] {
    const items = schema.items ?? {};
    const [key, another] = schema["x-kubernetes-list-map-keys"] ?? [];
    const directives = patch.map((item, index) =>
      isObject(item) ? directiveOf(item, `${path}[${index}]`) : undefined,
    );
    const replaces = directives.includes("replace");
    const changes = patch.filter((_, index) => directives[index] !== "replace");
    const isKeyed = key !== undefined && another === undefined;
    if (!isKeyed && directives.includes("delete")) {
      throw new BadPatch(`${path} is a list without a key: write it out as a whole`);
    }
    if (!isKeyed || replaces) {
      return changes.map((item, index) => this.#value(undefined, item, items, `${path}[${index}]`) ?? item);
    }
    return this.#items(before, changes, { key, items, path });
  }

  #items(
    before: readonly unknown[],
    changes: readonly unknown[],
    { key, items, path }: { key: string; items: ListSchema; path: string },
  ): unknown[] {
    this.#copies(before.length);
    const keyOf = (item: unknown): unknown => (isObject(item) && Object.hasOwn(item, key) ? item[key] : undefined);
    const kept = new Map<unknown, unknown>(before.map((item, index) => [keyOf(item) ?? Symbol(String(index)), item]));
    const added = new Map<unknown, unknown>();
    for (const [index, change] of changes.entries()) {
      const at = `${path}[${index}]`;
      const name = keyOf(change);
      if (!isObject(change) || name === undefined)
        throw new BadPatch(`${at} must say its ${key}: items are told apart by it`);
      const found = kept.get(name);
      const merged = this.#value(found, change, items, at);
      if (merged === undefined) kept.delete(name);
      else (found === undefined ? added : kept).set(name, merged);
    }
    return [...added.values(), ...kept.values()];
  }
}

function directiveOf(patch: JsonObject, path: string): unknown {
  const directive = Object.hasOwn(patch, "$patch") ? patch.$patch : undefined;
  if (directive !== undefined && !DIRECTIVES.has(String(directive))) {
    throw new BadPatch(`${path && `${path}.`}$patch must be delete, replace or merge`);
  }
  return directive;
}
