import type { Key, KubeObject, Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Store } from "../../store/store.ts";
import type { Content } from "../kinds/kind.ts";
import { storePath, storePrefix } from "./paths.ts";

/** All that is stored, as a kind may look at it. */
export const storedContent = (store: Store): Content => ({
  all: <T extends KubeObject>(resource: Resource<T>) =>
    store.list(storePrefix(resource)).items as unknown as readonly Stored<T>[],
  in: <T extends KubeObject>(resource: Resource<T>, namespace: string) =>
    store.list(storePrefix(resource, namespace)).items as unknown as readonly Stored<T>[],
  isEmpty: (resource: Resource, namespace: string): boolean =>
    store.list(storePrefix(resource, namespace), { limit: 1 }).items.length === 0,
  find: (resource: Resource, key: Key) => store.get(storePath(resource, key)),
});
