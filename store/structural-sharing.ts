import { isObject, type JsonObject } from "../lib/json-object.ts";

/**
 * A copy of `next` that the Store can keep: deeply frozen, as JSON would bring it back, and sharing every unchanged part with `previous` (an earlier
 * result of this function). So a status write costs memory for the status only, however long the history is, and the caller's object is neither
 * frozen nor kept. O(size of `next`).
 */
export function shareStructure<T>(next: T, previous?: unknown): T {
  return shareValue(next, previous) as T;
}

function shareValue(next: unknown, previous: unknown): unknown {
  if (next === previous) return next;
  if (Array.isArray(next)) return shareArray(next, previous);
  if (isObject(next)) return shareObject(next, previous);
  return typeof next === "number" && !Number.isFinite(next) ? null : next;
}

function shareArray(next: unknown[], previous: unknown): unknown {
  const before = Array.isArray(previous) ? previous : undefined;
  const copy = next.map((item, index) => shareValue(item ?? null, before?.[index]));
  const same = before?.length === copy.length && copy.every((item, index) => item === before[index]);
  return same ? before : Object.freeze(copy);
}

function shareObject(next: JsonObject, previous: unknown): JsonObject {
  const before = isObject(previous) ? previous : undefined;
  const copy: JsonObject = {};
  let size = 0;
  let same = before !== undefined;
  for (const name of Object.keys(next)) {
    const value = next[name];
    if (value === undefined) continue;
    const old = before && Object.hasOwn(before, name) ? before[name] : undefined;
    const shared = shareValue(value, old);
    same &&= shared === old;
    size += 1;
    put(copy, name, shared);
  }
  return before && same && Object.keys(before).length === size ? before : Object.freeze(copy);
}

/** Assigning to `__proto__` would change the prototype instead of adding a field. */
function put(fields: JsonObject, name: string, value: unknown): void {
  if (name !== "__proto__") fields[name] = value;
  else Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true });
}
