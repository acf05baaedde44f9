import { wellKnown } from "../../api/scheme.ts";
import type { GitSource } from "../../api/types.generated.ts";
import { type FieldError, invalidValue } from "../validation/field-error.ts";

const NAME = wellKnown.rollbackToAnnotation;

/** The commit that a suspended source is to be taken back to. */
export const rollbackTo = ({ metadata }: Pick<GitSource, "metadata">): string | undefined =>
  metadata.annotations?.[NAME];

export const ROLLBACK_DROPPED = `metadata.annotations: ${NAME} is left out: it counts only beside spec.suspend: true`;

/**
 * A request to go back ends with the suspension that it came with, whoever ends that: the next one may be for another reason, and must not go back once more. Changes
 * `next` in place; returns whether there was one.
 */
export function dropRollback(next: GitSource): boolean {
  const { metadata, spec } = next;
  if (spec.suspend || rollbackTo(next) === undefined) return false;
  const { [NAME]: _, ...others } = metadata.annotations ?? {};
  if (Object.keys(others).length > 0) metadata.annotations = others;
  else delete metadata.annotations;
  return true;
}

export function rollbackCauses(metadata: GitSource["metadata"]): FieldError[] {
  const commit = rollbackTo({ metadata });
  return commit === undefined || /^[0-9a-f]{40}$/.test(commit)
    ? []
    : [invalidValue(`metadata.annotations[${NAME}]`, commit, "must be a commit: 40 hexadecimal digits")];
}

/** Does it ask for another commit? Taking the request back asks for nothing. */
export const asksForAnother = (next: GitSource, current: GitSource): boolean =>
  rollbackTo(next) !== undefined && rollbackTo(next) !== rollbackTo(current);
