import { type Key, keyOf, type Stored } from "../../api/object.ts";
import type { Store } from "../../store/store.ts";
import type { Related } from "../kinds/kind.ts";
import type { RelatedTo } from "../printing/column-table.ts";
import { storePrefix } from "./paths.ts";

type Groups = Map<Key | undefined, Stored[]>;

/** Finds what belongs to an Object. All of it is looked through once for each revision of the Store, when somebody asks. */
export function relatedIn(store: Store, { resource, keyOf: ownerOf }: Related): RelatedTo {
  let revision = -1;
  // Whoever has asked holds none of it for long: the collector may take it.
  let groups: WeakRef<Groups> | undefined;
  const current = (): Groups => {
    const known = revision === store.revision ? groups?.deref() : undefined;
    if (known) return known;
    const made = Map.groupBy(store.list(storePrefix(resource)).items, ownerOf);
    groups = new WeakRef(made);
    revision = store.revision;
    return made;
  };
  return (object) => current().get(keyOf(object)) ?? [];
}
