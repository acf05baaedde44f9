import { type Key, splitKey } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Path } from "../../store/store.ts";

type Place = Pick<Resource, "group" | "plural" | "namespaced">;

const root = (resource: Place): string => `${resource.group || "core"}/${resource.plural}/`;

/** Where the Store keeps an Object: `group/plural/namespace/name`. */
export function storePath(resource: Place, key: Key): Path {
  const { namespace = "", name } = splitKey(key);
  return `${root(resource)}${namespace}/${name}`;
}

/** The beginning of the paths of a collection, of one namespace or of all. */
export const storePrefix = (resource: Place, namespace?: string): Path =>
  resource.namespaced && namespace !== undefined ? `${root(resource)}${namespace}/` : root(resource);
