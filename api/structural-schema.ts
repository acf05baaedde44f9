import { isObject, type JsonObject } from "../lib/json-object.ts";

/** What holds other schemas is made by the caller's hand, so that he can put references in. */
export type Nested = (schema: JsonObject) => JsonObject;

/** Said by other keywords, or nothing that OpenAPI knows. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "title",
  "const",
  "type",
  "properties",
  "items",
  "additionalProperties",
]);

/**
 * A schema of `schemas/` (JSON Schema draft 7) in the words of Kubernetes' structural schemas: one type, `nullable` for null, `enum` for a
 * constant, nothing else that OpenAPI 3.0 does not have. Where a number or a text may stand there is no type.
 */
export function structural(schema: JsonObject, nested: Nested = structural): JsonObject {
  const types = [schema.type ?? []].flat() as string[];
  const made: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) if (!LEFT_OUT.has(key) && !key.startsWith("$")) made[key] = value;
  if (schema["x-kubernetes-int-or-string"] === true) Object.assign(made, eitherOf(types, made));
  else if (types.length > 0) made.type = types.find((type) => type !== "null");
  if (types.includes("null")) made.nullable = true;
  if (schema.const !== undefined) made.enum = [schema.const];
  if (isObject(schema.properties)) {
    made.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, field]) => [name, nested(field as JsonObject)]),
    );
  }
  if (isObject(schema.items)) made.items = nested(schema.items);
  if (isObject(schema.additionalProperties)) made.additionalProperties = nested(schema.additionalProperties);
  return made;
}

/** `int-or-string` refuses fractions: where they are meant too, anything passes, and the server judges. */
function eitherOf(types: readonly string[], made: JsonObject): JsonObject {
  if (!types.includes("number")) return {};
  delete made["x-kubernetes-int-or-string"];
  return { "x-kubernetes-preserve-unknown-fields": true };
}
