import { badRequest } from "../../api/errors.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { fieldSchema, itemSchema, type Schema } from "../admission/schema.ts";
import { mergeList, withoutScalars } from "./merge-list.ts";
import {
  DELETE_FROM_LIST,
  isDirective,
  PATCH,
  plain,
  RETAIN_KEYS,
  SET_ORDER,
  unknownDirective,
} from "./patch-directives.ts";
import { patchStrategyOf } from "./patch-strategy.ts";

/**
 * Kubernetes' own kind of patch (apimachinery `pkg/util/strategicpatch`): as a merge patch, but lists are merged item by item where the schema says
 * `x-kubernetes-patch-strategy: merge`, and directives (`$patch`, `$retainKeys`, `$deleteFromPrimitiveList/LIST`, `$setElementOrder/LIST`) say more
 * than a value can. Changes neither argument; unchanged parts are shared with `current`. Both are expected to be well-formed. Linear in their size.
 * Throws BadRequest or Invalid for directives that mean nothing; messages repeat no values, which may be a Secret's.
 */
export function strategicMerge(current: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  if (Object.hasOwn(patch, PATCH)) return wholeObject(patch);
  const merged = retained(current, patch);
  const ordered = mergeOrderedLists(merged, patch, schema);
  for (const [key, value] of Object.entries(patch)) {
    if (isDirective(key) || ordered.has(key)) continue;
    const next = mergeValue(merged[key], value, schema, key);
    if (next === undefined) delete merged[key];
    else merged[key] = next;
  }
  deleteFromLists(merged, patch);
  return merged;
}

/** `$patch` beside other fields: they are the whole object, or nothing is left of it. */
function wholeObject({ [PATCH]: directive, ...rest }: JsonObject): JsonObject {
  if (directive === "replace") return (plain(rest) ?? {}) as JsonObject;
  if (directive === "delete") return {};
  throw unknownDirective();
}

/** A copy of what stays when `$retainKeys` names it, of everything when nothing is said. */
function retained(current: JsonObject, patch: JsonObject): JsonObject {
  const said = patch[RETAIN_KEYS];
  if (said === undefined) return { ...current };
  if (!Array.isArray(said)) throw badRequest("invalid patch format of retainKeys");
  const kept = new Set<unknown>(said);
  const strange = Object.entries(patch).some(([key, value]) => value !== null && !isDirective(key) && !kept.has(key));
  if (strange) throw badRequest("invalid patch format of retainKeys");
  return Object.fromEntries(Object.entries(current).filter(([key]) => kept.has(key)));
}

/** Undefined: the field goes. What is new, or of another type than before, is taken as it is, without its nulls and directives. */
function mergeValue(before: unknown, value: unknown, schema: Schema, key: string): unknown {
  if (value === null) return undefined;
  const below = fieldSchema(schema, key);
  const { merges, replaces, mergeKey } = patchStrategyOf(below);
  if (isObject(value) && isObject(before)) {
    return replaces ? plain(value) : strategicMerge(before, value, below);
  }
  if (Array.isArray(value) && Array.isArray(before) && merges) {
    return mergeList(before, value, { mergeKey, items: itemSchema(below), merge: strategicMerge });
  }
  return plain(value);
}

/** Merges the lists that `$setElementOrder` gives an order; answers which they were. */
function mergeOrderedLists(merged: JsonObject, patch: JsonObject, schema: Schema): ReadonlySet<string> {
  const done = new Set<string>();
  for (const [directive, order] of directives(patch, SET_ORDER)) {
    const wrong = badRequest("invalid patch format of setElementOrder list");
    const [before, value] = [merged[directive], patch[directive]];
    if (!Array.isArray(order)) throw wrong;
    if ([before, value].some((list) => list !== undefined && !Array.isArray(list))) throw wrong;
    if (before === undefined && value === undefined) continue;
    const below = fieldSchema(schema, directive);
    const { merges, mergeKey } = patchStrategyOf(below);
    merged[directive] =
      merges || value === undefined
        ? mergeList((before ?? []) as unknown[], (value ?? []) as unknown[], {
            mergeKey,
            items: itemSchema(below),
            merge: strategicMerge,
            order,
          })
        : plain(value);
    done.add(directive);
  }
  return done;
}

function deleteFromLists(merged: JsonObject, patch: JsonObject): void {
  for (const [key, gone] of directives(patch, DELETE_FROM_LIST)) {
    const list = merged[key];
    if (!Array.isArray(gone)) throw badRequest("invalid patch format of primitive list");
    if (Array.isArray(list)) merged[key] = withoutScalars(list, gone);
  }
}

/** The directives of this name: which list each is about, and what it says. */
function* directives(patch: JsonObject, prefix: string): Generator<[list: string, said: unknown]> {
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(prefix)) continue;
    const list = key.slice(prefix.length + 1);
    if (key[prefix.length] !== "/" || list === "") {
      const what = prefix === SET_ORDER ? "setElementOrder list" : "primitive list";
      throw badRequest(`invalid patch format of ${what}`);
    }
    yield [list, patch[key]];
  }
}
