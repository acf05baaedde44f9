import { isObject } from "../../lib/json-object.ts";
import type { Schema } from "./schema.ts";

/**
 * Fills in, in place, what is absent and has a default in the schema; a default that is an object then gets its own inner
 * defaults. Doing it twice changes nothing more.
 */
export function applyDefaults(value: unknown, schema: Schema): void {
  if (!hasDefaults(schema)) return;
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) applyDefaults(item, schema.items);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (!Object.hasOwn(value, key)) {
      if (property.default === undefined) continue;
      value[key] = structuredCloneOfJson(property.default);
    }
    applyDefaults(value[key], property);
  }
  if (schema.additionalProperties) {
    for (const key of Object.keys(value)) applyDefaults(value[key], schema.additionalProperties);
  }
}

const structuredCloneOfJson = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? (JSON.parse(JSON.stringify(value)) as unknown) : value;

const known = new WeakMap<Schema, boolean>();

/** Is there a default anywhere below? If not, the walk leaves this part out. */
function hasDefaults(schema: Schema): boolean {
  const answer = known.get(schema);
  if (answer !== undefined) return answer;
  const below = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties];
  const found = below.some((part) => part !== undefined && (part.default !== undefined || hasDefaults(part)));
  known.set(schema, found);
  return found;
}
