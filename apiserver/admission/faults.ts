import { invalid, type StatusDetails, StatusError } from "../../api/errors.ts";
import { parentPath } from "../../api/field-path.ts";
import type { Resource } from "../../api/scheme.ts";
import type { FieldError } from "../validation/field-error.ts";
import { STAND_IN } from "./fitting.ts";
import { MOST_CAUSES } from "./validate.ts";

/** What admission found wrong with a body. It is told together with what the rules of the kind find, so that one answer has all of it. */
export interface Faults {
  /** Sentences about unknown fields, which are refused as BadRequest. */
  unknown: readonly string[];
  /** Of the schema. */
  causes: readonly FieldError[];
}

/**
 * Throws all that is wrong: BadRequest when there are unknown fields, as the Kubernetes API server does, else Invalid; either with every cause.
 * `ruled`: what the rules say of the part that fits the schema; what they say only because another part does not is left out.
 */
export function refuse(resource: Resource, name: string, faults: Faults, ruled: readonly FieldError[]): void {
  const { unknown, causes } = faults;
  const all = [...causes, ...(causes.length < MOST_CAUSES ? independent(ruled, causes) : [])];
  if (all.length === 0 && unknown.length === 0) return;
  const refusal = invalid(resource, name, all);
  if (unknown.length === 0) throw refusal;
  throw strictDecodingError(resource, unknown, all.length === 0 ? undefined : refusal.details);
}

/** `unknown`: the sentences about fields that there are not. */
export const strictDecodingError = (
  { kind, version }: Pick<Resource, "kind" | "version">,
  unknown: readonly string[],
  details?: StatusDetails,
): StatusError =>
  new StatusError(
    "BadRequest",
    `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${unknown.join(", ")}`,
    details ? { details } : {},
  );

/** Those that are not said only because of `causes`: of what is in a field that does not fit, of its stand-in, or that one of several fields is missing. */
export const independent = (ruled: readonly FieldError[], causes: readonly FieldError[]): readonly FieldError[] =>
  causes.length === 0 ? ruled : ruled.filter((one) => !causes.some((cause) => follows(one, cause)));

const follows = ({ field, message }: FieldError, cause: FieldError): boolean =>
  field === cause.field ||
  (message.includes("must specify") && [field, parentPath(field)].includes(parentPath(cause.field))) ||
  field.startsWith(`${cause.field}.`) ||
  field.startsWith(`${cause.field}[`) ||
  message.includes(STAND_IN);
