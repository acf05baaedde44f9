import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { child } from "../validation/field-path.ts";
import { allowsNull, type Schema } from "./schema.ts";

/** A field the schema does not know, and its schema's neighbours, among which the meant one may be. */
export interface UnknownField {
  path: string;
  name: string;
  known: readonly string[];
}

/** Enough to show. A body that has only unknown fields must not cost more than it costs to read. */
const MOST_UNKNOWN = 256;

/**
 * A copy of `value` with only what `schema` knows; what it does not know is added to `unknown`. As the Kubernetes API server
 * does, nulls are dropped where the schema does not allow them (a default may take their place), and text that is not
 * well-formed Unicode gets U+FFFD. Wrong types are copied as they are: validation will name them.
 */
export function prune(value: unknown, schema: Schema, path: string, unknown: UnknownField[]): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value === "number") return value === 0 ? 0 : value; // -0 reads back as 0
  if (Array.isArray(value)) {
    const items = schema.items ?? {};
    // An absent item, as only an Object made in TypeScript can have, is null, as in JSON.
    return Array.from(value, (item, index) => prune(item ?? null, items, `${path}[${index}]`, unknown));
  }
  if (!isObject(value)) return value;
  if (schema.properties) return pruneProperties(value, schema, path, unknown);
  return pruneMap(value, schema.additionalProperties ?? {}, path, unknown);
}

function pruneProperties(value: JsonObject, schema: Schema, path: string, unknown: UnknownField[]): JsonObject {
  const properties = schema.properties ?? {};
  const kept: JsonObject = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known) {
      if (item !== undefined && (item !== null || allowsNull(known))) {
        kept[key] = prune(item, known, child(path, key), unknown);
      }
    } else if (item !== undefined && unknown.length < MOST_UNKNOWN) {
      unknown.push({ path: child(path, key), name: key, known: Object.keys(properties) });
    }
  }
  return kept;
}

function pruneMap(value: JsonObject, schema: Schema, path: string, unknown: UnknownField[]): JsonObject {
  const kept: JsonObject = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item !== undefined && (item !== null || allowsNull(schema))) {
      kept[key.toWellFormed()] = prune(item, schema, child(path, key), unknown);
    }
  }
  return kept;
}
