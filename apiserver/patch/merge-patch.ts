import { isObject, type JsonObject } from "../../lib/json-object.ts";

/**
 * RFC 7386: null removes, objects merge, everything else replaces. As on the real server, nulls also go from objects in a list that comes where there was
 * no object. Changes neither argument; unchanged parts are shared with `target`. Both are expected to be well-formed (no deeper than 64, no keys that
 * reach prototypes).
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return isObject(target) ? patch : withoutNulls(patch);
  const merged: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(Object.hasOwn(merged, key) ? merged[key] : undefined, value);
  }
  return merged;
}

/** Items that are null stay. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  return isObject(value) ? mergePatch({}, value) : value;
}
