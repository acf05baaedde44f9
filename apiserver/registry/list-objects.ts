import type { ObjectList } from "../../api/client.ts";
import type { Store, StoreList, StoreListOptions } from "../../store/store.ts";
import type { Selectable } from "../kinds/kind.ts";
import { type Selects, selectedPrefix, selection } from "./selection.ts";
import type { StorageListOptions } from "./storage.ts";

/** One page of a collection. With selectors the pages are filled by reading on, and what remains is not counted. */
export function listObjects(store: Store, kind: Selectable, options: StorageListOptions): ObjectList {
  const selects = selection(kind, options);
  const prefix = selectedPrefix(kind.resource, options);
  const page = selects ? selectedPage(store, prefix, options, selects) : store.list(prefix, pageOptions(options));
  return {
    items: page.items,
    metadata: {
      resourceVersion: String(page.revision),
      ...(page.continue === undefined ? {} : { continue: page.continue }),
      ...(page.remaining === undefined || page.continue === undefined || selects
        ? {}
        : { remainingItemCount: page.remaining }),
    },
  };
}

/** Asks for no more than is still missing, so the continue token stands right after the last item given. */
function selectedPage(store: Store, prefix: string, options: StorageListOptions, selects: Selects): StoreList {
  const { limit } = options;
  let page = store.list(prefix, pageOptions(options));
  const items = page.items.filter(selects);
  while (limit && page.continue !== undefined && items.length < limit) {
    page = store.list(prefix, { limit: limit - items.length, continue: page.continue });
    items.push(...page.items.filter(selects));
  }
  return { ...page, items };
}

const pageOptions = ({ limit, continue: token, exact }: StorageListOptions): StoreListOptions => ({
  ...(limit ? { limit } : {}),
  ...(token ? { continue: token } : {}),
  ...(exact === undefined ? {} : { at: exact }),
});
