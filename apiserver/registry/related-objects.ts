import { type Key, keyOf, type Stored } from "../../api/object.ts";
import type { Store } from "../../store/store.ts";
import type { Related } from "../kinds/kind.ts";
import type { RelatedTo } from "../printing/column-table.ts";
import { storePrefix } from "./paths.ts";

type Groups = Map<Key | undefined, Stored[]>;

/**
 * Finds what belongs to an Object. Who asks once at a revision of the Store, as for an event of a watch, has all of it looked through; who asks again, as for a list, has it grouped for all
 * who come.
 */
export function relatedIn(store: Store, { resource, keyOf: ownerOf }: Related): RelatedTo {
  let asked = -1;
  let grouped = -1;
  // Whoever has asked holds none of it for long: the collector may take it.
  let groups: WeakRef<Groups> | undefined;
  const all = (): readonly Stored[] => store.list(storePrefix(resource)).items;
  const group = (): Groups => {
    const made = Map.groupBy(all(), ownerOf);
    groups = new WeakRef(made);
    grouped = store.revision;
    return made;
  };
  return (object) => {
    const owner = keyOf(object);
    const { revision } = store;
    if (asked !== revision) {
      asked = revision;
      return all().filter((other) => ownerOf(other) === owner);
    }
    const known = grouped === revision ? groups?.deref() : undefined;
    return (known ?? group()).get(owner) ?? [];
  };
}
