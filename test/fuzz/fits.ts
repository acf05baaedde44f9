import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { Components } from "./published.ts";

const PRESERVED = "x-kubernetes-preserve-unknown-fields";
const EITHER = "x-kubernetes-int-or-string";

/** Where an answer is not what the schema says, as `spec.replicas: text instead of integer`. Empty: it fits. A field that no schema knows does not. */
export function misfits(value: unknown, schema: JsonObject, components: Components, at = ""): string[] {
  const { type, nullable, enum: words, ...known } = components.resolve(schema);
  const bad = (what: string): string[] => [`${at || "the answer"}: ${what}`];
  if (value === null) return nullable === true ? [] : bad("null");
  if (known[EITHER] === true) return typeof value === "string" || Number.isInteger(value) ? [] : bad(typeof value);
  if (type !== undefined && !hasType(value, type as string)) return bad(`${nameOf(value)} instead of ${type}`);
  if (Array.isArray(words) && !words.includes(value as string)) return bad(`${JSON.stringify(value)} is not in enum`);
  if (typeof value === "string") return textMisfits(value, known).flatMap(bad);
  if (typeof value === "number") return numberMisfits(value, known).flatMap(bad);
  if (Array.isArray(value) && isObject(known.items)) {
    const { items } = known;
    return value.flatMap((item, index) => misfits(item, items, components, `${at}[${index}]`));
  }
  return isObject(value) ? memberMisfits(value, known, components, at) : [];
}

function memberMisfits(value: JsonObject, schema: JsonObject, components: Components, at: string): string[] {
  const { additionalProperties, required = [] } = schema;
  const properties = (schema.properties ?? {}) as JsonObject;
  const missing = (required as string[]).filter((name) => value[name] === undefined);
  const isOpen = schema[PRESERVED] === true || (!schema.properties && !isObject(additionalProperties));
  return [
    ...missing.map((name) => `${at}.${name}: required and missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const inside = `${at}.${name}`;
      const field = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      if (isObject(field)) return misfits(member, field, components, inside);
      return isOpen ? [] : [`${inside}: no such field`];
    }),
  ];
}

const nameOf = (value: unknown): string => (Array.isArray(value) ? "array" : typeof value);

function hasType(value: unknown, type: string): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

function textMisfits(value: string, { format, pattern, minLength, maxLength }: JsonObject): string[] {
  if (format === "date-time" && !DATE_TIME.test(value)) return [`${JSON.stringify(value)} is no date-time`];
  if (typeof pattern === "string" && !new RegExp(pattern, "u").test(value))
    return [`${JSON.stringify(value)} is not ${pattern}`];
  if (typeof minLength === "number" && value.length < minLength) return ["too short"];
  return typeof maxLength === "number" && value.length > maxLength ? ["too long"] : [];
}

function numberMisfits(value: number, { format, minimum, maximum }: JsonObject): string[] {
  if (typeof minimum === "number" && value < minimum) return [`${value} is less than ${minimum}`];
  if (typeof maximum === "number" && value > maximum) return [`${value} is more than ${maximum}`];
  return format === "int32" && value !== (value | 0) ? [`${value} is no int32`] : [];
}
