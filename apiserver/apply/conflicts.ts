import { StatusError } from "../../api/errors.ts";
import { difference, type FieldSet, intersection, isEmptySet, pathsOf } from "./field-set.ts";
import { identityOf, type ManagedFieldsEntry, type Managers } from "./managers.ts";
import { showPath } from "./path-element.ts";

/** What somebody else owns and an apply would change. */
export interface Conflict {
  entry: ManagedFieldsEntry;
  fields: FieldSet;
}

export const conflictsWith = (others: Managers, changes: FieldSet): Conflict[] =>
  others
    .map((entry) => ({ entry, fields: intersection(entry.fieldsV1, changes) }))
    .filter(({ fields }) => !isEmptySet(fields));

/** What is left of the conflicts when `allowed` may be changed. */
export const unless = (conflicts: readonly Conflict[], allowed: FieldSet): Conflict[] =>
  conflicts
    .map(({ entry, fields }) => ({ entry, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));

/** 409 in the words of the real server; a cause for each field. `as`: the version that the client speaks, where it is not the managers'. */
export function conflictError(conflicts: readonly Conflict[], as?: string): StatusError {
  const sorted = conflicts
    .map((conflict) => ({ ...conflict, identity: identityOf(conflict.entry) }))
    .sort((a, b) => (a.identity < b.identity ? -1 : 1))
    .map(({ entry, fields }) => ({ who: shown(entry, as), fields: [...pathsOf(fields)].map(showPath) }));
  const causes = sorted.flatMap(({ who, fields }) =>
    fields.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${who}`, field })),
  );
  return new StatusError("Conflict", messageOf(sorted, causes.length), { details: { causes } });
}

function messageOf(sorted: readonly { who: string; fields: string[] }[], count: number): string {
  const [first] = sorted;
  if (count === 1 && first) return `Apply failed with 1 conflict: conflict with ${first.who}: ${first.fields[0]}`;
  const lines = sorted.flatMap(({ who, fields }) => [`conflicts with ${who}:`, ...fields.map((field) => `- ${field}`)]);
  return `Apply failed with ${count} conflicts: ${lines.join("\n")}`;
}

/** `"kubectl" with subresource "scale" using wctl.dev/v1`. */
function shown({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry, as = apiVersion): string {
  const who = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : "");
  return operation === "Update" ? `${who} using ${as}` : who;
}
