import { isObject } from "../../lib/json-object.ts";
import { duplicate, type FieldError } from "../validation/field-error.ts";
import { child } from "../validation/field-path.ts";
import type { Schema } from "./schema.ts";
import { MOST_CAUSES } from "./validate.ts";

/**
 * Lists of `x-kubernetes-list-type` set and map have no two items alike (map: with the same keys). Expects a value that already
 * fits the schema. Linear in the number of items. Stops at MOST_CAUSES, as validation does.
 */
export function listTypeCauses(value: unknown, schema: Schema, path: string): FieldError[] {
  const causes: FieldError[] = [];
  walk(value, schema, path, causes);
  return causes;
}

function walk(value: unknown, schema: Schema, path: string, causes: FieldError[]): void {
  if (causes.length >= MOST_CAUSES || !hasListTypes(schema)) return;
  if (Array.isArray(value)) {
    findDuplicates(value, schema, path, causes);
    const items = schema.items;
    if (items && hasListTypes(items))
      value.forEach((item, index) => {
        walk(item, items, `${path}[${index}]`, causes);
      });
    return;
  }
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    const properties = schema.properties;
    const below = properties && Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties;
    if (below) walk(value[key], below, child(path, key), causes);
  }
}

function findDuplicates(items: readonly unknown[], schema: Schema, path: string, causes: FieldError[]): void {
  const type = schema["x-kubernetes-list-type"];
  if ((type !== "set" && type !== "map") || items.length < 2) return;
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const identity = type === "set" ? item : keysOf(item, schema["x-kubernetes-list-map-keys"] ?? []);
    const text = JSON.stringify(identity);
    if (seen.has(text)) causes.push(duplicate(`${path}[${index}]`, identity));
    if (causes.length >= MOST_CAUSES) return;
    seen.add(text);
  }
}

const keysOf = (item: unknown, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(keys.map((key) => [key, isObject(item) ? item[key] : undefined]));

const known = new WeakMap<Schema, boolean>();

function hasListTypes(schema: Schema): boolean {
  const answer = known.get(schema);
  if (answer !== undefined) return answer;
  const type = schema["x-kubernetes-list-type"];
  const below = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties];
  const found = type === "set" || type === "map" || below.some((part) => part !== undefined && hasListTypes(part));
  known.set(schema, found);
  return found;
}
