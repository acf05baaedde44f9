import { isObject, type JsonObject } from "../../lib/json-object.ts";
import {
  type FieldError,
  invalidHidden,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from "../validation/field-error.ts";
import { child, shortened } from "../validation/field-path.ts";
import type { Schema } from "./schema.ts";

/** Nobody reads more faults than this. */
export const MOST_CAUSES = 100;

/**
 * The faults of `value` against `schema`, at most 100, in the words of the Kubernetes API server (kube-openapi
 * `pkg/validation/errors`). It knows only the keywords that our schemas use, as a test checks: a walk needs no
 * compiling, and the daemon starts 60 ms sooner than with a compiler of schemas. Linear in the size of `value`.
 */
export function validateSchema(value: unknown, schema: Schema, path: string): FieldError[] {
  const faults: FieldError[] = [];
  inspect(value, schema, path, faults);
  return faults.slice(0, MOST_CAUSES);
}

function inspect(value: unknown, schema: Schema, path: string, faults: FieldError[]): void {
  if (faults.length >= MOST_CAUSES) return;
  if (schema.type !== undefined && !isOf(schema.type, value)) faults.push(wrongType(schema, value, path));
  if (schema.const !== undefined && value !== schema.const) faults.push(says(path, value, "breaks the rule const"));
  if (schema.enum && !schema.enum.includes(value)) faults.push(notSupported(path, value, schema.enum));
  if (typeof value === "string") inspectText(value, schema, path, faults);
  else if (typeof value === "number") inspectNumber(value, schema, path, faults);
  else if (Array.isArray(value)) inspectArray(value, schema, path, faults);
  else if (isObject(value)) inspectObject(value, schema, path, faults);
}

function inspectText(text: string, schema: Schema, path: string, faults: FieldError[]): void {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, format } = schema;
  if (text.length > maxLength && characters(text) > maxLength) faults.push(tooLong(path, maxLength));
  if (text.length < 2 * minLength && characters(text) < minLength)
    faults.push(says(path, text, `should be at least ${minLength} chars long`));
  if (pattern !== undefined && !expression(pattern).test(text))
    faults.push(says(path, text, `should match '${pattern}'`));
  if (format !== undefined && !formats[format](text)) faults.push(wrongFormat(format, text, path));
}

function inspectNumber(value: number, { minimum, maximum }: Schema, path: string, faults: FieldError[]): void {
  if (maximum !== undefined && value > maximum)
    faults.push(says(path, value, `should be less than or equal to ${maximum}`));
  if (minimum !== undefined && value < minimum)
    faults.push(says(path, value, `should be greater than or equal to ${minimum}`));
}

function inspectArray(list: unknown[], { minItems = 0, maxItems, items }: Schema, path: string, faults: FieldError[]) {
  if (maxItems !== undefined && list.length > maxItems) faults.push(tooMany(path, list.length, maxItems));
  if (list.length < minItems) faults.push(says(path, list, `should have at least ${minItems} items`));
  if (!items) return;
  for (let at = 0; at < list.length; at++) inspect(list[at], items, `${path}[${at}]`, faults);
}

function inspectObject(object: JsonObject, schema: Schema, path: string, faults: FieldError[]): void {
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(object, name) || object[name] === undefined) faults.push(required(child(path, name)));
  }
  for (const key of Object.keys(object)) {
    const known = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    const below = known ?? schema.additionalProperties;
    if (below && object[key] !== undefined) inspect(object[key], below, child(path, shortened(key)), faults);
  }
}

/** Asked for every value of every write: it makes nothing. */
function isOf(type: NonNullable<Schema["type"]>, value: unknown): boolean {
  if (typeof type !== "string") return type.some((one) => isOf(one, value));
  if (type === "integer") return Number.isInteger(value);
  if (type === "number") return Number.isFinite(value);
  return type === typeName(value);
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** In code points: a pair of surrogates is one. */
const characters = (text: string): number => text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);

const expressions = new Map<string, RegExp>();

function expression(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known) return known;
  const made = new RegExp(pattern, "u");
  expressions.set(pattern, made);
  return made;
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const LINE_ENDS = /[\r\n]+/g;

const formats: Record<NonNullable<Schema["format"]>, (text: string) => boolean> = {
  "date-time": (text) => RFC3339.test(text) && !Number.isNaN(Date.parse(text)),
  byte: (text) => isBase64(text.replace(LINE_ENDS, "")),
};

/** With padding; line ends do not count, as in Go. */
const isBase64 = (text: string): boolean => text.length % 4 === 0 && BASE64.test(text);

const says = (path: string, value: unknown, text: string): FieldError =>
  invalidValue(path, value, `${path} in body ${text}`);

function wrongType({ type }: Schema, value: unknown, path: string): FieldError {
  const found = typeName(value);
  const said = `${path} in body must be of type ${[type].flat().join(",")}: "${found}"`;
  return typeInvalid(path, found, `${said}${quotesHint(type, value, path)}`);
}

/** YAML reads 8080, 1.0, true and yes as something else than text. */
function quotesHint(type: Schema["type"], value: unknown, path: string): string {
  if ([type].flat().join() !== "string" || (typeof value !== "number" && typeof value !== "boolean")) return "";
  return MAY_BE_SECRET.test(path) ? "; put it in quotes" : `; put it in quotes: "${value}"`;
}

/** Values of Secrets, and of variables, are not repeated (P20). */
const MAY_BE_SECRET = /(?:^|\.)(?:data|stringData|value)(?:[.[]|$)/;

/** Only values of Secrets and ConfigMaps have the format `byte`: messages do not repeat them (P20). */
const wrongFormat = (format: string, text: string, path: string): FieldError =>
  format === "byte"
    ? invalidHidden(path, `${path} in body must be of type byte (base64)`)
    : typeInvalid(path, text, `${path} in body must be of type ${format}: ${JSON.stringify(text)}`);
