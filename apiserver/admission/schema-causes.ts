import type { ErrorObject } from "ajv";
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
import { child, shortened } from "./schema.ts";

/** ajv's errors in the words of the Kubernetes API server (kube-openapi `pkg/validation/errors`). */
export const schemaCauses = (errors: readonly ErrorObject[], root: unknown, path: string): FieldError[] =>
  errors.map((error) => causeOf(error, find(error.instancePath, root, path)));

interface Place {
  field: string;
  data: unknown;
}

function causeOf({ keyword, params }: ErrorObject, { field, data }: Place): FieldError {
  const says = (text: string): FieldError => invalidValue(field, data, `${field} in body ${text}`);
  switch (keyword) {
    case "required":
      return required(child(field, params.missingProperty as string));
    case "type":
      return wrongType(field, [params.type as string | string[]].flat().join(","), typeName(data));
    case "enum":
      return notSupported(field, data, params.allowedValues as unknown[]);
    case "minimum":
      return says(`should be greater than or equal to ${params.limit}`);
    case "maximum":
      return says(`should be less than or equal to ${params.limit}`);
    case "pattern":
      return says(`should match '${params.pattern}'`);
    case "minLength":
      return says(`should be at least ${params.limit} chars long`);
    case "maxLength":
      return tooLong(field, params.limit as number);
    case "minItems":
      return says(`should have at least ${params.limit} items`);
    case "maxItems":
      return tooMany(field, (data as unknown[]).length, params.limit as number);
    case "format":
      // Only the values of Secrets and ConfigMaps are `byte`: they are not repeated.
      return params.format === "byte"
        ? invalidHidden(field, `${field} in body must be of type byte (base64)`)
        : typeInvalid(field, data, `${field} in body must be of type ${params.format}: ${JSON.stringify(data)}`);
    default:
      return says(`breaks the rule ${keyword}`);
  }
}

const wrongType = (field: string, wanted: string, found: string): FieldError =>
  typeInvalid(field, found, `${field} in body must be of type ${wanted}: "${found}"`);

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** `/env/0/name` is `spec.env[0].name`: numbers are indexes only where the value really is an array. */
function find(pointer: string, root: unknown, start: string): Place {
  let place: Place = { field: start, data: root };
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    const field = Array.isArray(place.data) ? `${place.field}[${key}]` : child(place.field, shortened(key));
    place = { field, data: (place.data as Record<string, unknown>)[key] };
  }
  return place;
}
