import { badRequest, StatusError } from "../../api/errors.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { Schema } from "../admission/schema.ts";
import { PATCH, plain, unknownDirective } from "./patch-directives.ts";

export interface ListMerge {
  /** Absent for lists of scalars. */
  mergeKey: string | undefined;
  items: Schema;
  merge(current: JsonObject, patch: JsonObject, schema: Schema): JsonObject;
  /** `$setElementOrder`: every item that the client knows, by its merge key. Absent: what is in the patch, in its order. */
  order?: readonly unknown[];
}

/**
 * Both lists as one. Items that the patch, or `order`, knows stand in its order, the others in that of `current`, and between the two kinds the order of
 * `current` decides as far as it can. Linear. Throws BadRequest, or Invalid for lists of lists.
 */
export function mergeList(current: readonly unknown[], patch: readonly unknown[], how: ListMerge): unknown[] {
  const isScalar = isOfScalars([...current, ...patch]);
  const mergeKey = isScalar ? undefined : how.mergeKey;
  if (!isScalar && mergeKey === undefined) throw badRequest("cannot merge lists without merge key");
  const identity = identityBy(mergeKey);
  const { kept, added } = isScalar ? { kept: current, added: patch } : specialItems(current, patch, identity);
  if (how.order) assertOrdered(added, how.order, identity);
  const merged = isScalar ? [...new Set([...kept, ...added])] : mergeItems(kept, added, identity, how);
  return inOrder(merged, how.order ?? added, current, identity);
}

/** Without those items. A list of objects has none of them. */
export function withoutScalars(list: readonly unknown[], gone: readonly unknown[]): unknown[] {
  const absent = new Set(gone);
  return list.filter((item) => !absent.has(item));
}

function isOfScalars(items: readonly unknown[]): boolean {
  const kinds = new Set(items.map((item) => (isObject(item) ? "object" : Array.isArray(item) ? "array" : typeof item)));
  if (kinds.has("array")) {
    throw new StatusError("Invalid", "lists of lists are not supported", { details: {} });
  }
  if (kinds.size > 1 || items.includes(null)) throw badRequest("list element types are not identical");
  return !kinds.has("object");
}

type Identity = (item: unknown) => unknown;

const identityBy = (mergeKey: string | undefined): Identity => {
  if (mergeKey === undefined) return (item) => item;
  return (item) => {
    const value = isObject(item) ? item[mergeKey] : undefined;
    if (typeof value === "object" || value === undefined) {
      throw badRequest(`map does not contain declared merge key: ${mergeKey}`);
    }
    return value;
  };
};

/** `$patch: delete` takes away the items of one key, `$patch: replace` all of them. */
function specialItems(
  current: readonly unknown[],
  patch: readonly unknown[],
  identity: Identity,
): { kept: readonly unknown[]; added: readonly unknown[] } {
  const gone = new Set<unknown>();
  let replaces = false;
  const added = patch.filter((item) => {
    const directive = isObject(item) && Object.hasOwn(item, PATCH) ? item[PATCH] : undefined;
    if (directive === undefined) return true;
    if (directive === "replace") replaces = true;
    else if (directive === "delete") gone.add(identity(item));
    else if (directive === "merge") throw badRequest("merging lists cannot yet be specified in the patch");
    else throw unknownDirective();
    return false;
  });
  if (replaces) return { kept: [], added };
  return { kept: gone.size === 0 ? current : current.filter((item) => !gone.has(identity(item))), added };
}

function mergeItems(
  kept: readonly unknown[],
  added: readonly unknown[],
  identity: Identity,
  { items, merge }: ListMerge,
): unknown[] {
  const merged = [...kept];
  const places = new Map<unknown, number>();
  for (const [place, item] of merged.entries()) {
    const key = identity(item);
    if (!places.has(key)) places.set(key, place);
  }
  for (const item of added) {
    const key = identity(item);
    const place = places.get(key);
    if (place === undefined) {
      places.set(key, merged.length);
      merged.push(plain(item));
    } else {
      merged[place] = merge(merged[place] as JsonObject, item as JsonObject, items);
    }
  }
  return merged;
}

/** Two orders in one patch would be no order. */
function assertOrdered(added: readonly unknown[], order: readonly unknown[], identity: Identity): void {
  const places = placesOf(order, identity);
  let last = -1;
  for (const item of added) {
    const place = places.get(identity(item));
    if (place === undefined || place < last) {
      throw badRequest("the order in the patch list doesn't match the $setElementOrder list");
    }
    last = place;
  }
}

function inOrder(
  merged: readonly unknown[],
  order: readonly unknown[],
  current: readonly unknown[],
  identity: Identity,
): unknown[] {
  const wanted = placesOf(order, identity);
  const before = placesOf(current, identity);
  const place = (places: ReadonlyMap<unknown, number>, item: unknown): number => places.get(identity(item)) ?? -1;
  const known = merged.filter((item) => place(wanted, item) >= 0).sort((a, b) => place(wanted, a) - place(wanted, b));
  const others = merged.filter((item) => place(wanted, item) < 0);
  const result: unknown[] = [];
  let at = 0;
  for (const other of others) {
    const here = place(before, other);
    while (at < known.length && !comesFirst(here, place(before, known[at]))) result.push(known[at++]);
    result.push(other);
  }
  return [...result, ...known.slice(at)];
}

/** Of two that both were there, the one that stood first; what is new stands before what only the server knows. */
const comesFirst = (other: number, known: number): boolean => other >= 0 && known >= 0 && other < known;

function placesOf(items: readonly unknown[], identity: Identity): Map<unknown, number> {
  const places = new Map<unknown, number>();
  for (const [place, item] of items.entries()) {
    const key = identity(item);
    if (!places.has(key)) places.set(key, place);
  }
  return places;
}
