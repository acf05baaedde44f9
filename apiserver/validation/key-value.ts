import { sameJson } from "../../lib/same-json.ts";
import { type FieldError, forbiddenField, invalidValue, tooLong } from "./field-error.ts";
import { shortened } from "./field-path.ts";
import { configKeyError } from "./names.ts";

/** Of all values of one Secret or ConfigMap together, decoded. */
export const MAX_DATA_BYTES = 1024 * 1024;

export const keyCauses = (values: Readonly<Record<string, string>>, path: string): FieldError[] =>
  Object.keys(values).flatMap((key) => {
    const error = configKeyError(key);
    return error ? [invalidValue(`${path}[${shortened(key)}]`, key, error)] : [];
  });

export function sizeCauses(bytes: number, path: string): FieldError[] {
  return bytes > MAX_DATA_BYTES ? [tooLong(path, MAX_DATA_BYTES)] : [];
}

export const textBytes = (values: Readonly<Record<string, string>>): number =>
  Object.values(values).reduce((sum, text) => sum + Buffer.byteLength(text), 0);

export const base64Bytes = (values: Readonly<Record<string, string>>): number =>
  Object.values(values).reduce((sum, text) => sum + Buffer.byteLength(text, "base64"), 0);

/** Once `immutable` is set it stays, and so does what it protects. */
export function immutableCauses<T extends { immutable?: boolean }>(
  current: T,
  next: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (!current.immutable) return [];
  const detail = "field is immutable when `immutable` is set";
  const causes = next.immutable ? [] : [forbiddenField("immutable", detail)];
  for (const field of fields) {
    if (!sameJson(current[field] ?? {}, next[field] ?? {})) causes.push(forbiddenField(field, detail));
  }
  return causes;
}
