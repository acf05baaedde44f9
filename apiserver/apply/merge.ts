import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { fieldSchema, itemSchema, type Schema } from "../admission/schema.ts";
import { elementOf, isGranularList, isGranularMap } from "./parts.ts";

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
 * An item takes the place of all that had its identity. Linear in the number of items.
 */
function mergeLists(live: readonly unknown[], config: readonly unknown[], list: Schema): unknown[] {
  const mine = identified(live, list);
  const theirs = new Map(identified(config, list));
  const former = unrepeated(mine);
  const shared = [...theirs.keys()].filter((element) => former.has(element));
  const merged: unknown[] = [];
  let at = 0;
  let met = 0;
  const othersBefore = (end: string | undefined): void => {
    for (; at < mine.length; at++) {
      const [element, item] = mine[at] as [string, unknown];
      if (element === end) return;
      if (!theirs.has(element)) merged.push(item);
    }
  };
  for (const [element, item] of theirs) {
    othersBefore(shared[met]);
    merged.push(merge(former.get(element), item, itemSchema(list)));
    if (element !== shared[met]) continue;
    met++;
    if (mine[at]?.[0] === element) at++;
  }
  othersBefore(undefined);
  return merged;
}

/** The items with their identities, without those that have none. */
function identified(items: readonly unknown[], list: Schema): [string, unknown][] {
  return items.flatMap((item) => {
    const element = elementOf(item, list);
    return element === undefined ? [] : [[element, item] as [string, unknown]];
  });
}

/** Undefined for items with one identity: with none of them an item can be merged. */
function unrepeated(items: readonly (readonly [string, unknown])[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [element, item] of items) found.set(element, found.has(element) ? undefined : item);
  return found;
}
