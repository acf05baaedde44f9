import { badRequest } from "../../api/errors.ts";
import type { Resource } from "../../api/scheme.ts";
import { nearest } from "../../lib/near-miss.ts";
import { shortened } from "../validation/field-path.ts";
import type { UnknownField } from "./prune.ts";
import type { WriteContext } from "./write-context.ts";

/** To find a near name costs the product of both lengths, so only the first few unknown fields get a suggestion. */
const MOST_SUGGESTIONS = 32;

/** Throws BadRequest for `Strict`, returns the warnings for `Warn` (the default), nothing for `Ignore`. */
export function judgeUnknownFields(
  resource: Resource,
  unknown: readonly UnknownField[],
  fieldValidation: WriteContext["fieldValidation"],
): string[] {
  if (unknown.length === 0 || fieldValidation === "Ignore") return [];
  const found = unknown.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)).map(describe);
  if (fieldValidation !== "Strict") return found;
  throw badRequest(
    `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: strict decoding error: ${found.join(", ")}`,
  );
}

function describe(field: UnknownField, index: number): string {
  const meant = index < MOST_SUGGESTIONS ? nearest(field.name, field.known) : undefined;
  return `unknown field ${JSON.stringify(shortened(field.path))}${meant ? ` (did you mean "${meant}"?)` : ""}`;
}
