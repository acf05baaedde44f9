import type { StatusCause } from "../../api/errors.ts";
import { nearest } from "../../lib/near-miss.ts";

/** One fault of one field, in the words of the Kubernetes API server (apimachinery `pkg/util/validation/field`). */
export type FieldError = StatusCause & { reason: string; field: string };

export const required = (field: string, detail?: string): FieldError =>
  fault("FieldValueRequired", field, "Required value", detail);

export const invalidValue = (field: string, value: unknown, detail: string): FieldError =>
  fault("FieldValueInvalid", field, `Invalid value: ${quote(value)}`, detail);

/** As `invalidValue`, where the value may be a secret and must not be repeated (promise P20). */
export const invalidHidden = (field: string, detail: string): FieldError =>
  fault("FieldValueInvalid", field, "Invalid value", detail);

export const typeInvalid = (field: string, value: unknown, detail: string): FieldError =>
  fault("FieldValueTypeInvalid", field, `Invalid value: ${quote(value)}`, detail);

export function notSupported(field: string, value: unknown, supported: readonly unknown[]): FieldError {
  const words = supported.filter((one) => typeof one === "string");
  const meant = typeof value === "string" ? nearest(value, words) : undefined;
  const hint = meant === undefined ? "" : ` (did you mean ${quote(meant)}?)`;
  const detail = `supported values: ${supported.map(quote).join(", ")}${hint}`;
  return fault("FieldValueNotSupported", field, `Unsupported value: ${quote(value)}`, detail);
}

export const duplicate = (field: string, value: unknown, detail?: string): FieldError =>
  fault("FieldValueDuplicate", field, `Duplicate value: ${quote(value)}`, detail);

export const forbiddenField = (field: string, detail: string): FieldError =>
  fault("FieldValueForbidden", field, "Forbidden", detail);

export const tooLong = (field: string, maximumBytes: number): FieldError =>
  fault("FieldValueTooLong", field, "Too long", `may not be more than ${maximumBytes} bytes`);

export const tooMany = (field: string, actual: number, maximum: number): FieldError =>
  fault("FieldValueTooMany", field, `Too many: ${actual}`, `must have at most ${maximum} items`);

const fault = (reason: string, field: string, what: string, detail?: string): FieldError => ({
  reason,
  message: detail ? `${what}: ${detail}` : what,
  field,
});

/** A megabyte of wrong text is not repeated in the answer. */
const LONGEST_QUOTE = 512;

export function quote(value: unknown): string {
  if (value === undefined) return "null";
  if (typeof value === "string" && value.length > LONGEST_QUOTE)
    return JSON.stringify(`${value.slice(0, LONGEST_QUOTE)}…`);
  const text = JSON.stringify(value);
  return text.length > LONGEST_QUOTE * 6 ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}
