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
  for (const [element, { value, schema }] of before ?? []) {
    const next = after?.get(element);
    const at = [...path, element];
    if (next) compareValues(value, next.value, schema, at, trees);
    else insert(trees.removed, at, wholeSetOf(value, schema));
  }
  for (const [element, { value, schema }] of after ?? []) {
    if (!before?.has(element)) insert(trees.added, [...path, element], wholeSetOf(value, schema));
  }
}

function compareValues(before: unknown, after: unknown, schema: Schema, path: readonly string[], trees: Trees): void {
  if (before === after) return;
  const [was, is] = [partsOf(before, schema), partsOf(after, schema)];
  // Null and a container are alike in that neither need have parts; two without any are compared as they are.
  const byParts = (was ?? before === null) && (is ?? after === null) && (was?.size || is?.size);
  if (byParts) compareParts(was, is, path, trees);
  else if (!sameJson(before, after)) insert(trees.modified, path, LEAF);
}
