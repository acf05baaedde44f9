import { isObject } from "../../lib/json-object.ts";
import type { Schema } from "./schema.ts";

/**
 * Fills in, in place, what is absent and has a default in the schema; a default that is an object then gets its own inner
 * defaults. Doing it twice changes nothing more.
 */
export function applyDefaults(value: unknown, schema: Schema): void {
  const { any, properties } = defaultsOf(schema);
  if (!any) return;
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) applyDefaults(item, schema.items);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, property] of properties) {
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

interface Defaults {
  /** Is there a default anywhere below? If not, the walk leaves this part out. */
  any: boolean;
  /** The properties that have a default, or one below. */
  properties: readonly (readonly [key: string, schema: Schema])[];
}

const known = new WeakMap<Schema, Defaults>();

function defaultsOf(schema: Schema): Defaults {
  const answer = known.get(schema);
  if (answer) return answer;
  const has = (part: Schema | undefined): boolean =>
    part !== undefined && (part.default !== undefined || defaultsOf(part).any);
  const properties = Object.entries(schema.properties ?? {}).filter(([, property]) => has(property));
  const found = { any: properties.length > 0 || has(schema.items) || has(schema.additionalProperties), properties };
  known.set(schema, found);
  return found;
}
