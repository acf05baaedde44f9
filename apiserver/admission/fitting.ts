import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { child, shortened } from "../validation/field-path.ts";
import type { Schema } from "./schema.ts";

/** The text in the place of a required one that does not fit. What is said of it is not said of the user's Object. */
export const STAND_IN = "wctl-stand-in";

/**
 * A copy of `value` that fits its schema, for the rules that come after the schema's: what has a fault (`unfit`: the paths, as `validateSchema`
 * gives them) is left out, or, where the schema demands something, replaced by a value that fits. Items of lists keep their places.
 */
export const fitting = (value: JsonObject, schema: Schema, path: string, unfit: ReadonlySet<string>): JsonObject =>
  fitObject(value, schema, path, unfit);

/** Undefined: there is nothing that could be kept. */
function fit(value: unknown, schema: Schema, path: string, unfit: ReadonlySet<string>): unknown {
  if (unfit.has(path)) return undefined;
  if (Array.isArray(value)) {
    const { items = {} } = schema;
    return value.map((item, index) => {
      const fitted = fit(item, items, `${path}[${index}]`, unfit);
      return fitted === undefined ? standIn(items) : fitted;
    });
  }
  return isObject(value) ? fitObject(value, schema, path, unfit) : value;
}

function fitObject(value: JsonObject, schema: Schema, path: string, unfit: ReadonlySet<string>): JsonObject {
  const { properties = {}, additionalProperties = {}, required = [] } = schema;
  const kept: JsonObject = {};
  for (const key of Object.keys(value)) {
    const below = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    const fitted = fit(value[key], below ?? {}, child(path, shortened(key)), unfit);
    if (fitted !== undefined) kept[key] = fitted;
  }
  for (const name of required) if (!Object.hasOwn(kept, name)) kept[name] = standIn(properties[name] ?? {});
  return kept;
}

/** The smallest value that the schema allows. */
function standIn(schema: Schema): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  switch ([schema.type].flat()[0]) {
    case "integer":
    case "number":
      return schema.minimum ?? 0;
    case "boolean":
      return false;
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => standIn(schema.items ?? {}));
    case "object":
      return fitObject({}, schema, "", new Set());
    default:
      return STAND_IN;
  }
}
