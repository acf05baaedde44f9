import { isObject } from "../../lib/json-object.ts";
import type { Schema } from "../admission/schema.ts";
import { MAX_DEPTH } from "../admission/well-formed.ts";

/**
 * One step of a path, as text of `fieldsV1`: `f:NAME` a field, `k:{"name":"web"}` the item of a list with these keys, `v:"x"` a value of a set, `i:2` the
 * item at an index. Equal steps are equal texts.
 */
export const fieldElement = (name: string): string => `f:${name}`;

/** The element of an item of a list whose type is set or map. Throws TypeError when the item has none. */
export function itemElement(item: unknown, list: Schema): string {
  return list["x-kubernetes-list-type"] === "map" ? keyElement(item, list) : valueElement(item);
}

function keyElement(item: unknown, { items, "x-kubernetes-list-map-keys": keys = [] }: Schema): string {
  if (item === null) throw new TypeError("associative list with keys may not have a null element");
  if (!isObject(item)) throw new TypeError("associative list with keys may not have non-map elements");
  const identity: Record<string, unknown> = {};
  // A key that is absent and has no default is a part of no identity: two items may differ in whether they have it.
  for (const key of [...keys].sort()) {
    const value = Object.hasOwn(item, key) ? item[key] : items?.properties?.[key]?.default;
    if (value !== undefined) identity[key] = value;
  }
  if (Object.keys(identity).length === 0) {
    const all = keys.map((key) => JSON.stringify(key)).join(" ");
    throw new TypeError(
      `associative list with keys has an element that omits all key fields [${all}] (and doesn't have default values for any key fields)`,
    );
  }
  return `k:${JSON.stringify(identity)}`;
}

function valueElement(item: unknown): string {
  if (isObject(item)) throw new TypeError("associative list without keys has an element that's a map type");
  if (Array.isArray(item)) throw new TypeError("not supported: associative list with lists as elements");
  if (item === null) throw new TypeError("associative list without keys has an element that's an explicit null");
  return `v:${JSON.stringify(item)}`;
}

/** An element that somebody else wrote, in its one form; undefined when a later version may know what it is. Throws TypeError. */
export function parseElement(text: string): string | undefined {
  if (text[1] !== ":") throw new TypeError(`missing colon: ${JSON.stringify(text.slice(0, 100))}`);
  const rest = text.slice(2);
  switch (text[0]) {
    case "f":
      return text;
    case "i":
      if (!/^-?\d{1,15}$/.test(rest)) throw new TypeError(`invalid index: ${JSON.stringify(rest.slice(0, 100))}`);
      return `i:${Number(rest)}`;
    case "v":
      return `v:${JSON.stringify(parsedJson(rest))}`;
    case "k":
      return `k:${JSON.stringify(parsedKeys(rest))}`;
    default:
      return undefined;
  }
}

/** A text in a text is not looked into when a body is judged: its nesting is bounded here, as that of a body is. */
function parsedJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isDeeperThan(MAX_DEPTH, value)) throw new TypeError(`nested deeper than ${MAX_DEPTH} levels`);
  return value;
}

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((item) => isDeeperThan(levels - 1, item)));

function parsedKeys(text: string): Record<string, unknown> {
  const keys = parsedJson(text);
  if (!isObject(keys)) throw new TypeError("keys must be an object");
  return Object.fromEntries(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A path for people, as structured-merge-diff writes it: `.spec.env[name="PORT"].value`. */
export const showPath = (path: readonly string[]): string => path.map(show).join("");

function show(element: string): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case "k":
      return `[${Object.entries(JSON.parse(rest) as object)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(",")}]`;
    case "v":
      return `[=${rest}]`;
    case "i":
      return `[${rest}]`;
    default:
      return `.${rest}`;
  }
}
