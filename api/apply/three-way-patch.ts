import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { sameJson } from "../../lib/same-json.ts";

/**
 * The JSON merge patch (RFC 7386) that brings `live` to `desired`, as `kubectl apply` computes it (apimachinery
 * `pkg/util/jsonmergepatch`): what `desired` says is set; what `lastApplied` said and `desired` no longer says is removed; everything
 * else is somebody else's and stays. Lists are replaced whole. A `null` in `desired` removes the field once. Undefined when there is
 * nothing to do. Pure.
 */
export function threeWayPatch(
  lastApplied: JsonObject | undefined,
  live: JsonObject,
  desired: JsonObject,
): JsonObject | undefined {
  const patch: JsonObject = {};
  for (const [key, wanted] of Object.entries(desired)) {
    const change = changeOf(
      lastApplied?.[key],
      own(live, key),
      wanted,
      lastApplied !== undefined && Object.hasOwn(lastApplied, key),
    );
    if (change !== undefined) patch[key] = change;
  }
  for (const [key, before] of Object.entries(lastApplied ?? {})) {
    const isGone = desired[key] === undefined;
    if (isGone && before !== undefined && own(live, key) !== undefined) patch[key] = null;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** What to write for one field; undefined for nothing. */
function changeOf(before: unknown, is: unknown, wanted: unknown, wasSaid: boolean): unknown {
  if (wanted === undefined) return undefined;
  if (wanted === null) return is === undefined || is === null || (wasSaid && before === null) ? undefined : null;
  if (isObject(wanted) && isObject(is)) return threeWayPatch(isObject(before) ? before : undefined, is, wanted);
  return sameJson(is, wanted) ? undefined : wanted;
}

const own = (object: JsonObject, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);
