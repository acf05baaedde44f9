import { badRequest, type StatusError } from "../../api/errors.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";

export const PATCH = "$patch";
export const RETAIN_KEYS = "$retainKeys";
/** Followed by a slash and the name of a list. */
export const DELETE_FROM_LIST = "$deleteFromPrimitiveList";
export const SET_ORDER = "$setElementOrder";

export const isDirective = (key: string): boolean =>
  key === PATCH || key === RETAIN_KEYS || key.startsWith(DELETE_FROM_LIST) || key.startsWith(SET_ORDER);

/** What it says instead is not repeated: it may be a Secret's. */
export const unknownDirective = (): StatusError => badRequest("unknown patch type: $patch must be replace or delete");

/** A copy without nulls and directives, for a place where there is nothing to merge with; undefined for what is only a directive. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, PATCH)) return undefined;
  const kept: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null || isDirective(key)) continue;
    const below = plain(item);
    if (below !== undefined) kept[key] = below;
  }
  return kept;
}
