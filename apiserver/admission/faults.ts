import { invalid, type StatusDetails, StatusError } from "../../api/errors.ts";
import { parentPath } from "../../api/field-path.ts";
import type { Resource } from "../../api/scheme.ts";
import { type FieldError, invalidValue } from "../validation/field-error.ts";
import { STAND_IN } from "./fitting.ts";
import { MOST_CAUSES } from "./validate.ts";

/** What admission found wrong with a body. It is told together with what the rules of the kind find, so that one answer has all of it. */
export interface Faults {
  /** Sentences about unknown fields, which are refused as BadRequest. */
  unknown: readonly string[];
  /** Of the schema. */
  causes: readonly FieldError[];
  /** The body is what a patch made. */
  patched?: boolean | undefined;
}

/**
 * Throws all that is wrong: BadRequest when there are unknown fields, as the Kubernetes API server does, else Invalid; either with every cause. Where a patch
 * made them they are Invalid there, and `kubectl edit` opens the editor again.
 * `ruled`: what the rules say of the part that fits the schema; what they say only because another part does not is left out.
 */
export function refuse(resource: Resource, name: string, faults: Faults, ruled: readonly FieldError[]): void {
  const { unknown, causes, patched } = faults;
  const all = [...causes, ...(causes.length < MOST_CAUSES ? independent(ruled, causes) : [])];
  if (all.length === 0 && unknown.length === 0) return;
  const refusal = invalid(resource, name, all);
  if (unknown.length === 0) throw refusal;
  if (patched) throw invalid(NOBODY, "", [strictPatchError(unknown), ...all]);
  throw strictDecodingError(resource, unknown, all.length === 0 ? undefined : refusal.details);
}

/** The real server names no kind here, and repeats the Object, which may be a Secret. */
const NOBODY = { group: "", plural: "", kind: "" };

const strictPatchError = (unknown: readonly string[]): FieldError =>
  invalidValue("patch", "", `strict decoding error: ${unknown.join(", ")}`);

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
