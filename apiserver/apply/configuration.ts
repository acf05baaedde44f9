import { badRequest } from "../../api/errors.ts";
import { apiVersionOf, type Resource } from "../../api/scheme.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { fieldSchema, itemSchema, type Schema } from "../admission/schema.ts";
import { isGranularList } from "./parts.ts";
import { fieldElement, itemElement, showPath } from "./path-element.ts";

/** Enough to show. */
const MOST_FAULTS = 100;

/**
 * The configuration in the body of an apply. Throws BadRequest, in the words of the real server, when it is not one of this kind, when it says who manages
 * what, and when it has fields that the schema does not name, or items without an identity of their own.
 */
export function readConfiguration(
  resource: Pick<Resource, "group" | "version" | "kind">,
  body: unknown,
  schema: Schema,
): JsonObject & { metadata: JsonObject } {
  if (!isObject(body)) throw badRequest("error decoding YAML: the configuration must be an object");
  const { apiVersion, kind, metadata = {} } = body;
  if (apiVersion !== apiVersionOf(resource) || kind !== resource.kind) {
    throw badRequest(`invalid object type: ${shownType(apiVersion, kind)}`);
  }
  if (!isObject(metadata)) throw badRequest(`the metadata of a ${resource.kind} must be an object`);
  const { managedFields, ...rest } = metadata;
  if (managedFields !== undefined && managedFields !== null) throw badRequest("metadata.managedFields must be nil");
  const config = { ...body, metadata: rest };
  const faults: string[] = [];
  inspect(config, schema, [], faults);
  if (faults.length === 0) return config;
  // As the configuration names it.
  const object = `${textOf(rest.namespace)}/${textOf(rest.name)}; ${shownType(apiVersion, kind)}`;
  const list = faults.length === 1 ? faults[0] : ["errors:", ...faults.map((fault) => `  ${fault}`)].join("\n");
  throw badRequest(`failed to create typed patch object (${object}): ${list}`);
}

/** As Go prints a GroupVersionKind: `wctl.dev/v1, Kind=Process`, `/v1, Kind=Secret`. */
function shownType(apiVersion: unknown, kind: unknown): string {
  const version = textOf(apiVersion);
  return `${version.includes("/") ? version : `/${version}`}, Kind=${textOf(kind)}`;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value.slice(0, 253) : "");

function inspect(value: unknown, schema: Schema, path: readonly string[], faults: string[]): void {
  if (faults.length >= MOST_FAULTS) return;
  if (isObject(value)) inspectFields(value, schema, path, faults);
  else if (isGranularList(value, schema)) inspectItems(value, schema, path, faults);
  else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      inspect(item, itemSchema(schema), [...path, `i:${index}`], faults);
    });
  }
}

function inspectFields(value: JsonObject, schema: Schema, path: readonly string[], faults: string[]): void {
  for (const name of Object.keys(value)) {
    const at = [...path, fieldElement(name)];
    if (schema.properties && !Object.hasOwn(schema.properties, name)) {
      faults.push(`${showPath(at)}: field not declared in schema`);
    } else inspect(value[name], fieldSchema(schema, name), at, faults);
  }
}

function inspectItems(list: readonly unknown[], schema: Schema, path: readonly string[], faults: string[]): void {
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    try {
      const element = itemElement(item, schema);
      if (seen.has(element)) faults.push(`${showPath(path)}: duplicate entries for key ${showPath([element])}`);
      seen.add(element);
      inspect(item, itemSchema(schema), [...path, element], faults);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      // What is wrong behind it can't be named any more.
      faults.push(`${showPath(path)}: element ${index}: ${error.message}`);
      return;
    }
  }
}
