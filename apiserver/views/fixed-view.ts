import type { ObjectList, WatchEvent, WatchOptions } from "../../api/client.ts";
import { notFound } from "../../api/errors.ts";
import { type Key, keyOf, type Stored, splitKey } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Store, Watching } from "../../store/store.ts";
import type { Selectable } from "../kinds/kind.ts";
import type { Column } from "../printing/column.ts";
import { columnTable } from "../printing/column-table.ts";
import type { TableConvertor } from "../printing/table.ts";
import { listObjects } from "../registry/list-objects.ts";
import { selection } from "../registry/selection.ts";
import type { Storage, StorageListOptions } from "../registry/storage.ts";
import { watchObjects } from "../registry/watch-objects.ts";

export interface Fixed {
  resource: Resource;
  /** Made when somebody asks first. `since`: from when on they are served. */
  objects(since: Date): Stored[];
  columns: readonly Column[];
  /** What to do, for whoever wants to write them. */
  instead: string;
}

/** Objects that are as they are for as long as the server runs: they are read, and nobody writes them. */
export class FixedView implements Storage {
  readonly resource: Resource;
  readonly instead: string;
  readonly table: TableConvertor;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #selectable: Selectable;
  readonly #make: () => Stored[];
  #objects: Stored[] | undefined;

  constructor(store: Store, clock: Clock, { resource, objects, columns, instead }: Fixed) {
    const since = clock.wall();
    this.resource = resource;
    this.instead = instead;
    this.table = columnTable(columns, clock);
    this.#store = store;
    this.#clock = clock;
    this.#selectable = { resource, selectableFields: new Map() };
    this.#make = () => objects(since);
  }

  get(key: Key): Stored {
    const found = this.#all().find((object) => keyOf(object) === key);
    if (!found) throw notFound(this.resource, splitKey(key).name);
    return found;
  }

  /** In one page. Nothing is stored where they would be, so the revision is that of an empty list. */
  list(options: StorageListOptions): ObjectList {
    const { metadata } = listObjects(this.#store, this.#selectable, options);
    if (options.continue) return { items: [], metadata };
    const selects = selection(this.#selectable, options) ?? (() => true);
    return { items: this.#all().filter(selects), metadata };
  }

  /** Nothing ever happens. */
  watch(options: WatchOptions): Watching<WatchEvent> {
    return watchObjects(this.#store, this.#clock, this.#selectable, options);
  }

  #all(): Stored[] {
    this.#objects ??= this.#make();
    return this.#objects;
  }
}
