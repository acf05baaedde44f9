import type { JsonObject } from "../../lib/json-object.ts";
import { fieldSchema, itemSchema, type Schema } from "../admission/schema.ts";
import { below, difference, type FieldSet, intersection, isEmptySet, isMember, union } from "./field-set.ts";
import { fieldSetOf, withNamedFields } from "./field-set-of.ts";
import { elementOf, isGranularList, isGranularMap } from "./parts.ts";
import { fieldElement } from "./path-element.ts";

/**
 * `merged` without what a manager owned (`last`) and does not name any more, as far as nobody owns it now. `owned`: by any manager, the configuration of
 * this apply included.
 */
export function prune(merged: unknown, last: FieldSet, owned: FieldSet, schema: Schema): unknown {
  if (isEmptySet(last)) return merged;
  const complete = (set: FieldSet): FieldSet => withNamedFields(set, schema);
  const all = complete(fieldSetOf(merged, schema));
  const remaining = (value: unknown): FieldSet => complete(fieldSetOf(value, schema));
  const mine = complete(last);
  const withoutMine = remaining(removeFields(merged, mine, schema));
  // What is owned comes back, with the containers that it is in.
  const withOwned = removeFields(merged, difference(all, union(withoutMine, complete(owned))), schema);
  // And so does what was in a container that goes, and was never this manager's.
  return removeFields(merged, intersection(difference(all, remaining(withOwned)), mine), schema);
}

/** The value without the parts whose paths are in the set. A list or map that loses all its parts is null: a schema or its default decides what is then there. */
function removeFields(value: unknown, set: FieldSet, schema: Schema): unknown {
  if (isEmptySet(set)) return value;
  if (isGranularMap(value, schema)) return removeFromMap(value, set, schema);
  return isGranularList(value, schema) ? removeFromList(value, set, schema) : value;
}

function removeFromMap(map: JsonObject, set: FieldSet, schema: Schema): JsonObject | null {
  const kept: JsonObject = {};
  for (const name of Object.keys(map)) {
    const node = below(set, fieldElement(name));
    if (node && isMember(node)) continue;
    kept[name] = node ? removeFields(map[name], node, fieldSchema(schema, name)) : map[name];
  }
  return Object.keys(kept).length > 0 ? kept : null;
}

function removeFromList(list: readonly unknown[], set: FieldSet, schema: Schema): unknown[] | null {
  const kept: unknown[] = [];
  for (const item of list) {
    const element = elementOf(item, schema);
    const node = element === undefined ? undefined : below(set, element);
    if (node && isMember(node)) continue;
    kept.push(node ? removeFields(item, node, itemSchema(schema)) : item);
  }
  return kept.length > 0 ? kept : null;
}
