import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { fieldSchema, itemSchema, type Schema } from "../admission/schema.ts";
import { fieldElement, itemElement } from "./path-element.ts";

/** A part of a value that can have an owner of its own. */
export interface Part {
  value: unknown;
  schema: Schema;
  /** A field that the schema names: whoever owns what is below it need not own it as well. */
  isNamed: boolean;
}

/** Items of one identity are one part, which is owned whole. */
const repeated: Schema = { "x-kubernetes-list-type": "atomic" };

const isGranularListSchema = (schema: Schema): boolean =>
  ["set", "map"].includes(schema["x-kubernetes-list-type"] ?? "atomic");

/** Is such a list or map owned as a whole? */
export const isAtomic = (schema: Schema): boolean =>
  schema["x-kubernetes-map-type"] === "atomic" ||
  ([schema.type].flat().includes("array") && !isGranularListSchema(schema));

/** A map whose keys are owned one by one. */
export const isGranularMap = (value: unknown, schema: Schema): value is JsonObject =>
  isObject(value) && schema["x-kubernetes-map-type"] !== "atomic";

/** A list whose items are owned one by one. */
export const isGranularList = (value: unknown, schema: Schema): value is unknown[] =>
  Array.isArray(value) && isGranularListSchema(schema);

/**
 * The parts of a value by their path elements, in their order; undefined for what is owned whole: a scalar, null, an atomic list or map. Items with one identity
 * are one part, the list of them; one without any is left out.
 */
export function partsOf(value: unknown, schema: Schema): Map<string, Part> | undefined {
  if (isGranularMap(value, schema)) return fieldsOf(value, schema);
  return isGranularList(value, schema) ? itemsOf(value, schema) : undefined;
}

function fieldsOf(value: JsonObject, schema: Schema): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const name of Object.keys(value)) {
    if (value[name] === undefined) continue;
    const isNamed = schema.properties !== undefined && Object.hasOwn(schema.properties, name);
    parts.set(fieldElement(name), { value: value[name], schema: fieldSchema(schema, name), isNamed });
  }
  return parts;
}

function itemsOf(list: readonly unknown[], schema: Schema): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const item of list) {
    const element = elementOf(item, schema);
    if (element === undefined) continue;
    const found = parts.get(element);
    if (found === undefined) parts.set(element, { value: item, schema: itemSchema(schema), isNamed: false });
    else if (found.schema === repeated) (found.value as unknown[]).push(item);
    else parts.set(element, { value: [found.value, item], schema: repeated, isNamed: false });
  }
  return parts;
}

export function elementOf(item: unknown, list: Schema): string | undefined {
  try {
    return itemElement(item, list);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
