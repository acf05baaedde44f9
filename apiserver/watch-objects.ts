import type { WatchEvent, WatchOptions } from "../api/client.ts";
import { badRequest, StatusError } from "../api/errors.ts";
import type { Stored } from "../api/object.ts";
import type { Resource } from "../api/scheme.ts";
import type { Clock } from "../lib/clock.ts";
import type { Store, StoreEvent } from "../store/store.ts";
import { storePrefix } from "./paths.ts";
import { type Selects, selection } from "./selection.ts";

/** How often a quiet watcher that asked for bookmarks gets one; as in Kubernetes. */
export const BOOKMARK_MS = 60_000;

/**
 * The events of a collection, as the selectors see them. Begins at once; throws Expired, Timeout (a revision of the future) or
 * BadRequest at once.
 */
export function watchObjects(
  store: Store,
  clock: Clock,
  resource: Resource,
  options: WatchOptions,
): AsyncIterable<WatchEvent> {
  const prefix = storePrefix(resource, options.namespace);
  const selects = selection(resource, options) ?? (() => true);
  const events = store.watch(prefix, { after: startOf(store, options.resourceVersion), signal: options.signal });
  const bookmarks = options.bookmarks ? new Bookmarks(store, clock) : undefined;
  return translate(events[Symbol.asyncIterator](), selects, bookmarks);
}

function startOf(store: Store, resourceVersion: string | undefined): number {
  if (resourceVersion === undefined || resourceVersion === "") return store.revision;
  if (!/^\d{1,15}$/.test(resourceVersion)) {
    throw badRequest(`invalid resource version ${JSON.stringify(resourceVersion.slice(0, 100))}`);
  }
  const after = Number(resourceVersion);
  if (after <= store.revision) return after;
  throw new StatusError("Timeout", `Too large resource version: ${after}, current: ${store.revision}`, {
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });
}

async function* translate(
  events: AsyncIterator<StoreEvent>,
  selects: Selects,
  bookmarks: Bookmarks | undefined,
): AsyncGenerator<WatchEvent> {
  try {
    for (;;) {
      const next = events.next();
      let result = await (bookmarks ? bookmarks.orQuiet(next) : next);
      while (result === "quiet") {
        const bookmark = await bookmarks?.take(next);
        if (bookmark) yield bookmark;
        result = await (bookmarks ? bookmarks.orQuiet(next) : next);
      }
      if (result.done) return;
      const event = asSeen(result.value, selects);
      if (event) yield event;
    }
  } finally {
    bookmarks?.close();
    await events.return?.();
  }
}

/** A change into the selection is ADDED, one out of it DELETED, with the Object as it last was inside, at the new revision. */
function asSeen(event: StoreEvent, selects: Selects): WatchEvent | undefined {
  const { type, object, previous } = event;
  const was = previous !== undefined && selects(previous);
  if (type === "DELETED") return was || (!previous && selects(object)) ? { type, object } : undefined;
  if (selects(object)) return { type: was ? "MODIFIED" : "ADDED", object };
  return was ? { type: "DELETED", object: atRevision(previous, object.metadata.resourceVersion) } : undefined;
}

const atRevision = (object: Stored, resourceVersion: string): Stored => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion },
});

/** Tells quiet watchers how far the store has come, so that they can resume from there. */
class Bookmarks {
  readonly #store: Store;
  readonly #clock: Clock;
  #cancel: () => void = () => {};

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** `next`, or "quiet" when nothing came for a minute. */
  orQuiet<T>(next: Promise<T>): Promise<T | "quiet"> {
    this.#cancel();
    const quiet = new Promise<"quiet">((resolve) => {
      const timer = this.#clock.after(BOOKMARK_MS, () => resolve("quiet"));
      this.#cancel = () => timer.cancel();
    });
    return Promise.race([next, quiet]);
  }

  /** An event of up to the store's revision has woken `next` by the next turn of the loop; otherwise there was none. */
  async take(next: Promise<unknown>): Promise<WatchEvent | undefined> {
    const { revision } = this.#store;
    const turn = new Promise<boolean>((resolve) => setImmediate(resolve, true));
    const stillQuiet = await Promise.race([
      next.then(
        () => false,
        () => false,
      ),
      turn,
    ]);
    return stillQuiet ? { type: "BOOKMARK", resourceVersion: String(revision) } : undefined;
  }

  close(): void {
    this.#cancel();
  }
}
