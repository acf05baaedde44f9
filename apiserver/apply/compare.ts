import { sameJson } from "../../lib/same-json.ts";
import type { Schema } from "../admission/schema.ts";
import { type FieldSet, insert, LEAF, type Tree, union } from "./field-set.ts";
import { wholeSetOf } from "./field-set-of.ts";
import { type Part, partsOf } from "./parts.ts";

/** What differs between two versions of an Object. No path is in two of the sets. */
export interface Comparison {
  /** With all that came with it: a new map, and each of its keys. */
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** Takes no longer than the parts that the two versions do not share. The root itself is in none of the sets. */
export function compare(before: unknown, after: unknown, schema: Schema): Comparison {
  const trees: Trees = { added: {}, modified: {}, removed: {} };
  if (before !== after) compareParts(partsOf(before, schema), partsOf(after, schema), [], trees);
  return trees as Comparison;
}

export const changed = ({ added, modified }: Comparison): FieldSet => union(added, modified);

type Trees = Record<keyof Comparison, Tree>;
type Parts = ReadonlyMap<string, Part> | undefined;

function compareParts(before: Parts, after: Parts, path: readonly string[], trees: Trees): void {
  for (const [element, part] of before ?? []) {
    const next = after?.get(element);
    const at = [...path, element];
    if (next) compareValues(part, next, at, trees);
    else insert(trees.removed, at, wholeSetOf(part.value, part.schema));
  }
  for (const [element, { value, schema }] of after ?? []) {
    if (!before?.has(element)) insert(trees.added, [...path, element], wholeSetOf(value, schema));
  }
}

/** The schemas of the two differ where an identity was that of one item and is that of several, or the other way round. */
function compareValues(before: Part, after: Part, path: readonly string[], trees: Trees): void {
  if (before.value === after.value) return;
  const [was, is] = [partsOf(before.value, before.schema), partsOf(after.value, after.schema)];
  if (was?.size || is?.size) {
    compareParts(was, is, path, trees);
    // Null and a container are alike in that neither need have parts; what is owned whole came or went beside them.
    if ((was ?? before.value === null) && (is ?? after.value === null)) return;
  } else if (sameJson(before.value, after.value)) return;
  insert(trees.modified, path, LEAF);
}
