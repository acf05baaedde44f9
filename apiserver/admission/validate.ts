import { Ajv, type ValidateFunction } from "ajv";
import type { FieldError } from "../validation/field-error.ts";
import type { Schema } from "./schema.ts";
import { schemaCauses } from "./schema-causes.ts";

/** Nobody reads more faults than this. */
const MOST_CAUSES = 100;

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const LINE_ENDS = /[\r\n]+/g;

const formats = {
  "date-time": (text: string): boolean => RFC3339.test(text) && !Number.isNaN(Date.parse(text)),
  byte: (text: string): boolean => isBase64(text.replace(LINE_ENDS, "")),
};

/** With padding; line ends do not count, as in Go. */
const isBase64 = (text: string): boolean => text.length % 4 === 0 && BASE64.test(text);

/**
 * The schemas are our own and checked when generated; validating them again would only cost start-up time. So would messages, which
 * `schemaCauses` words itself, and optimised code: it is not faster here, and compiling everything takes 47 ms instead of 85.
 */
const ajv = new Ajv({
  strict: false,
  strictNumbers: true,
  allErrors: true,
  messages: false,
  meta: false,
  validateSchema: false,
  addUsedSchema: false,
  code: { optimize: false },
  formats,
});

const compiled = new WeakMap<Schema, ValidateFunction>();

/** The faults of `value` against `schema`, at most 100. The schema is compiled when it is first needed. */
export function validateSchema(value: unknown, schema: Schema, path: string): FieldError[] {
  let check = compiled.get(schema);
  if (!check) {
    check = ajv.compile(schema);
    compiled.set(schema, check);
  }
  if (check(value)) return [];
  return schemaCauses(check.errors?.slice(0, MOST_CAUSES) ?? [], value, path);
}
