import type { ObjectList, WatchEvent, WatchOptions } from "../../api/client.ts";
import { notFound } from "../../api/errors.ts";
import { type Key, type Stored, splitKey } from "../../api/object.ts";
import { type Resource, services } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Store } from "../../store/store.ts";
import { listObjects } from "../registry/list-objects.ts";
import type { Storage, StorageListOptions } from "../registry/storage.ts";
import { watchObjects } from "../registry/watch-objects.ts";

/**
 * Services, of which there are none: programs listen on ports of this machine. Clients look for them all the same: `kubectl cluster-info` fails
 * without the list, and what shows a whole cluster watches it.
 */
export class ServicesView implements Storage {
  readonly resource = services as unknown as Resource;
  readonly instead = "there are no Services here: a Process declares its ports in spec.ports";
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #selectable = { resource: this.resource, selectableFields: new Map() };

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  get(key: Key): Stored {
    throw notFound(services, splitKey(key).name);
  }

  /** Nothing is stored where they would be, so this is the empty list of a real revision. */
  list(options: StorageListOptions): ObjectList {
    return listObjects(this.#store, this.#selectable, options);
  }

  watch(options: WatchOptions): AsyncIterable<WatchEvent> {
    return watchObjects(this.#store, this.#clock, this.#selectable, options);
  }
}
