import type { DeleteOptions, ListOptions, ObjectList, Patch, WatchEvent, WatchOptions } from "../../../api/client.ts";
import { isNotFound, notFound } from "../../../api/errors.ts";
import { type Key, type Stored, splitKey } from "../../../api/object.ts";
import { events, eventsV1, type Resource } from "../../../api/scheme.ts";
import type { Watching } from "../../../store/store.ts";
import { strictDecodingError } from "../../admission/faults.ts";
import { judgeUnknownFields } from "../../admission/unknown-fields.ts";
import type { WriteContext } from "../../admission/write-context.ts";
import { fieldAt, type SelectableField } from "../../kinds/kind.ts";
import type { TableConvertor } from "../../printing/table.ts";
import type { KindStorage } from "../../registry/kind-storage.ts";
import { MappedWatch } from "../../registry/mapped-watch.ts";
import type { ObjectPart } from "../../registry/object-part.ts";
import type {
  CollectionDeleter,
  Deleted,
  Lister,
  Storage,
  StorageListOptions,
  Watcher,
  Written,
} from "../../registry/storage.ts";
import type { StoreRegistry } from "../../registry/store-registry.ts";
import { readTypeMeta } from "../../registry/type-meta.ts";
import { coreEventOf, newEventOf, newFieldNames } from "./event-of.ts";

/**
 * The Events that are stored as core/v1, under the names of events.k8s.io/v1: one Object with two addresses, as in Kubernetes. Nothing is kept
 * beside it, and whatever is written here follows the rules of the kind.
 */
export class EventsView implements Storage {
  readonly resource = eventsV1 as unknown as Resource;
  readonly table: TableConvertor;
  readonly #events: KindStorage;
  readonly #selected: Lister & Watcher & CollectionDeleter;
  readonly #part: ObjectPart;

  constructor(registry: Pick<StoreRegistry, "stored">) {
    this.#events = registry.stored(events);
    this.#selected = this.#events.selecting(selectableFields);
    this.#part = this.#newPart();
    const { columns, begin } = this.#events.table;
    this.table = {
      columns,
      begin: () => {
        const cellsOf = begin();
        return (object) => cellsOf(stored(object));
      },
    };
  }

  get(key: Key): Stored {
    return asNew(key, () => newEventOf(this.#events.get(key)));
  }

  outdated(): string | undefined {
    return this.#events.outdated();
  }

  async list(options: StorageListOptions): Promise<ObjectList> {
    const { items, metadata } = await this.#selected.list(options);
    return { items: items.map(newEventOf), metadata };
  }

  incomplete(): string | undefined {
    return this.#events.incomplete();
  }

  watch(options: WatchOptions): Watching<WatchEvent> {
    return new MappedWatch(this.#selected.watch(options), shown);
  }

  async create(namespace: string | undefined, body: unknown, context: WriteContext): Promise<Written> {
    const { event, warnings } = this.#read(body, context);
    return asWritten(await this.#events.create(namespace, event, context), warnings);
  }

  async update(key: Key, body: unknown, context: WriteContext): Promise<Written> {
    return asWritten(await asNew(key, () => this.#events.editor.update(key, body, context, this.#part)));
  }

  async patch(key: Key, patch: Patch, context: WriteContext): Promise<Written> {
    if (patch.type === "apply") {
      const { event, warnings } = this.#read(patch.body, context);
      return asWritten(await asNew(key, () => this.#events.patch(key, { ...patch, body: event }, context)), warnings);
    }
    return asWritten(await asNew(key, () => this.#events.editor.patch(key, patch, context, this.#part)));
  }

  async delete(key: Key, options: DeleteOptions): Promise<Deleted> {
    const { object, gone } = await asNew(key, () => this.#events.delete(key, options));
    return { object: newEventOf(object), gone };
  }

  async deleteCollection(selection: ListOptions, options: DeleteOptions): Promise<ObjectList> {
    const { items, metadata } = await this.#selected.deleteCollection(selection, options);
    return { items: items.map(newEventOf), metadata };
  }

  /** What is written under the newer names. */
  #newPart(): ObjectPart {
    const { whole } = this.#events.editor;
    return {
      ...whole,
      shown: newEventOf,
      prepare: (current, body, context) => {
        const { event, warnings } = this.#read(body, context);
        const prepared = whole.prepare(current, event, context);
        return { ...prepared, warnings: [...warnings, ...prepared.warnings] };
      },
    };
  }

  /** Names that only core/v1 has are unknown here. */
  #read(body: unknown, { fieldValidation }: WriteContext): { event: object; warnings: string[] } {
    const typed = readTypeMeta({ resource: this.resource, impliesTypeMeta: true }, body);
    const { event, unknown } = coreEventOf(typed);
    const fields = unknown.map((name) => ({ path: name, name, known: newFieldNames }));
    const { warnings, refused } = judgeUnknownFields(fields, fieldValidation);
    if (refused.length > 0) throw strictDecodingError(this.resource, refused);
    return { event, warnings };
  }
}

const selectableFields: ReadonlyMap<string, SelectableField> = new Map([
  ...["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map(
    (field) => [`regarding.${field}`, fieldAt(`involvedObject.${field}`)] as const,
  ),
  ["reason", fieldAt("reason")],
  ["reportingController", fieldAt("reportingComponent")],
  ["type", fieldAt("type")],
]);

const stored = (event: Stored): Stored =>
  coreEventOf(event as unknown as Record<string, unknown>).event as unknown as Stored;

const asWritten = (written: Written, warnings: readonly string[] = []): Written => ({
  ...written,
  object: newEventOf(written.object),
  warnings: [...warnings, ...written.warnings],
});

const shown = (one: WatchEvent): WatchEvent =>
  one.type === "BOOKMARK" ? one : { ...one, object: newEventOf(one.object) };

/** What is missing is missing under the name that was asked for. */
function asNew<T>(key: Key, ask: () => T): T {
  const missing = (error: unknown): never => {
    throw isNotFound(error) && error.details?.name ? notFound(eventsV1, splitKey(key).name) : error;
  };
  try {
    const answer = ask();
    return answer instanceof Promise ? (answer.catch(missing) as T) : answer;
  } catch (error) {
    return missing(error);
  }
}
