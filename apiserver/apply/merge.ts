import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { Schema } from "../admission/schema.ts";
import { elementOf, fieldSchema, isGranularList, isGranularMap, itemSchema } from "./parts.ts";

/**
 * `live` with what a configuration says: maps by their keys, lists of type set and map by their items, everything else whole. A configuration takes nothing
 * away: null and an empty list or map leave the parts that are there. Changes neither; unchanged parts are shared with `live`.
 */
export function merge(live: unknown, config: unknown, schema: Schema): unknown {
  if (config === undefined || live === config) return live;
  if (isGranularMap(live, schema) && Object.keys(live).length > 0) {
    if (config === null) return live;
    if (isObject(config)) return mergeMaps(live, config, schema);
  }
  if (isGranularList(live, schema) && live.length > 0) {
    if (config === null) return live;
    if (Array.isArray(config)) return mergeLists(live, config, schema);
  }
  return config;
}

function mergeMaps(live: JsonObject, config: JsonObject, schema: Schema): JsonObject {
  const merged: JsonObject = { ...live };
  for (const name of Object.keys(config)) {
    merged[name] = merge(Object.hasOwn(live, name) ? live[name] : undefined, config[name], fieldSchema(schema, name));
  }
  return merged;
}

/**
 * The items of the configuration are in its order. The others stay where they are between those that both have: each before the one that it was before.
 * Linear in the number of items.
 */
function mergeLists(live: readonly unknown[], config: readonly unknown[], list: Schema): unknown[] {
  const mine = byElement(live, list);
  const theirs = byElement(config, list);
  const order = [...mine.keys()];
  const shared = [...theirs.keys()].filter((element) => mine.has(element));
  const merged: unknown[] = [];
  let at = 0;
  let met = 0;
  const othersBefore = (end: string | undefined): void => {
    for (; at < order.length && order[at] !== end; at++) {
      const element = order[at] as string;
      if (!theirs.has(element)) merged.push(mine.get(element));
    }
  };
  for (const [element, item] of theirs) {
    othersBefore(shared[met]);
    merged.push(merge(mine.get(element), item, itemSchema(list)));
    if (element !== shared[met]) continue;
    met++;
    if (order[at] === element) at++;
  }
  othersBefore(undefined);
  return merged;
}

/** The first of those with one identity. */
function byElement(items: readonly unknown[], list: Schema): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const item of items) {
    const element = elementOf(item, list);
    if (element !== undefined && !found.has(element)) found.set(element, item);
  }
  return found;
}
