import type { WatchEvent, WatchOptions } from "../../api/client.ts";
import { badRequest, tooLargeRevision } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Store, StoreEvent, Watching } from "../../store/store.ts";
import type { Selectable } from "../kinds/kind.ts";
import { BookmarkedEvents } from "./bookmarks.ts";
import { MappedWatch } from "./mapped-watch.ts";
import { type Selects, selectedPrefix, selection } from "./selection.ts";

/**
 * The events of a collection, as the selectors see them. Begins at once; throws Expired, Timeout (a revision of the future) or
 * BadRequest at once.
 */
export function watchObjects(
  store: Store,
  clock: Clock,
  kind: Selectable,
  options: WatchOptions,
): Watching<WatchEvent> {
  const selects = selection(kind, options) ?? (() => true);
  const prefix = selectedPrefix(kind.resource, options);
  const events = store.watch(prefix, { after: startOf(store, options.resourceVersion), signal: options.signal });
  const toWatchEvent = (event: StoreEvent): WatchEvent | undefined => eventFor(event, selects);
  return options.bookmarks
    ? new BookmarkedEvents(events, toWatchEvent, clock, () => store.revision)
    : new MappedWatch(events, toWatchEvent);
}

function startOf(store: Store, resourceVersion: string | undefined): number {
  if (resourceVersion === undefined || resourceVersion === "") return store.revision;
  if (!/^\d{1,15}$/.test(resourceVersion)) {
    throw badRequest(`invalid resource version ${JSON.stringify(resourceVersion.slice(0, 100))}`);
  }
  const after = Number(resourceVersion);
  if (after <= store.revision) return after;
  throw tooLargeRevision(after, store.revision);
}

/** A change into the selection is ADDED, one out of it DELETED, with the Object as it last was inside, at the new revision. */
function eventFor({ type, object, previous }: StoreEvent, selects: Selects): WatchEvent | undefined {
  const was = previous !== undefined && selects(previous);
  if (type === "DELETED") return was || (!previous && selects(object)) ? { type, object } : undefined;
  if (selects(object)) return { type: was ? "MODIFIED" : "ADDED", object };
  return was ? { type: "DELETED", object: atRevision(previous, object.metadata.resourceVersion) } : undefined;
}

const atRevision = (object: Stored, resourceVersion: string): Stored => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion },
});
