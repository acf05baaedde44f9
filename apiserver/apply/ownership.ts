import type { Schema } from "../admission/schema.ts";
import { changed, compare } from "./compare.ts";
import { difference, type FieldSet, isEmptySet, setOf, union } from "./field-set.ts";
import {
  capped,
  entryFor,
  inOrder,
  isSameManager,
  type ManagedFieldsEntry,
  type Manager,
  type Managers,
  without,
} from "./managers.ts";
import { fieldElement } from "./path-element.ts";
import { reconciled } from "./reconcile.ts";

/** Fields that have no owner: the server writes them, or they say which Object it is. */
const ownerless = setOf(
  ["f:apiVersion"],
  ["f:kind"],
  ["f:metadata"],
  ...["name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName"].map(inMetadata),
  ...["generation", "managedFields", "resourceVersion"].map(inMetadata),
);

function inMetadata(name: string): string[] {
  return ["f:metadata", fieldElement(name)];
}

export const withOwners = (fields: FieldSet): FieldSet => difference(fields, ownerless);

export interface Update {
  /** An empty one for a create. */
  before: unknown;
  after: unknown;
  schema: Schema;
  writer: Manager;
  /** RFC 3339, seconds. */
  now: string;
}

/**
 * Who owns what after a write that is no apply: the writer owns what it added and changed, alone; what it removed nobody owns. The entries that this does
 * not concern stay the same, and a write that changes nothing returns the managers that it was given.
 */
export function managersAfterUpdate(managers: Managers, { before, after, schema, writer, now }: Update): Managers {
  const comparison = compare(before, after, schema);
  const taken = withOwners(changed(comparison));
  if (isEmptySet(taken) && isEmptySet(comparison.removed)) return managers;
  const left = without(reconciled(managers, schema, writer), changed(comparison), comparison.removed);
  return isEmptySet(taken) ? inOrder(left) : capped(inOrder(withTaken(left, taken, writer, now)));
}

function withTaken(managers: Managers, taken: FieldSet, writer: Manager, now: string): ManagedFieldsEntry[] {
  const mine = managers.find((entry) => isSameManager(entry, writer));
  const fields = mine ? union(mine.fieldsV1, taken) : taken;
  return [...managers.filter((entry) => entry !== mine), entryFor(writer, fields, now)];
}
