import { nearest } from "../../lib/near-miss.ts";
import { shortened } from "../validation/field-path.ts";
import type { UnknownField } from "./prune.ts";
import type { WriteContext } from "./write-context.ts";

/** To find a near name costs the product of both lengths, so only the first few unknown fields get a suggestion. */
const MOST_SUGGESTIONS = 32;

/** The sentences about them: refused under `Strict`, warnings under `Warn` (the default), none under `Ignore`. */
export function judgeUnknownFields(
  unknown: readonly UnknownField[],
  fieldValidation: WriteContext["fieldValidation"],
): { warnings: string[]; refused: string[] } {
  if (unknown.length === 0 || fieldValidation === "Ignore") return { warnings: [], refused: [] };
  const found = unknown.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)).map(describe);
  return fieldValidation === "Strict" ? { warnings: [], refused: found } : { warnings: found, refused: [] };
}

function describe(field: UnknownField, index: number): string {
  const meant = index < MOST_SUGGESTIONS ? nearest(field.name, field.known) : undefined;
  return `unknown field ${JSON.stringify(shortened(field.path))}${meant ? ` (did you mean "${meant}"?)` : ""}`;
}
