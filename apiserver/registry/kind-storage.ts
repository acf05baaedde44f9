import type { DeleteOptions, ObjectList, Patch, WatchEvent, WatchOptions } from "../../api/client.ts";
import { timestamp } from "../../api/conditions.ts";
import { isAlreadyExists, isNotFound } from "../../api/errors.ts";
import { type Key, type KubeObject, keyOf, type Stored, splitKey } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Store, Watching } from "../../store/store.ts";
import type { Authority } from "../admission/authority.ts";
import type { AdmissionDefaults } from "../admission/template-defaults.ts";
import type { WriteContext } from "../admission/write-context.ts";
import type { Content, Kind } from "../kinds/kind.ts";
import type { TableConvertor } from "../printing/table.ts";
import { assertPreconditions, planDeletion } from "./deletion.ts";
import { listObjects } from "./list-objects.ts";
import type { NamespaceRoom } from "./namespace-room.ts";
import { ObjectCreator } from "./object-creator.ts";
import { ObjectEditor } from "./object-editor.ts";
import { configurationFor } from "./object-part.ts";
import { ObjectWriter } from "./object-writer.ts";
import { storePath } from "./paths.ts";
import type { CollectionDeleter, Deleted, Lister, Storage, StorageListOptions, Watcher, Written } from "./storage.ts";
import { storedContent } from "./stored-content.ts";
import { watchObjects } from "./watch-objects.ts";
import { assertWriterMay } from "./writer-restriction.ts";

export interface KindStorageOptions {
  store: Store;
  clock: Clock;
  logger: Logger;
  /** Asked at every write, so that a reloaded configuration holds for later writes. */
  defaults: () => AdmissionDefaults;
  table: TableConvertor;
  room: NamespaceRoom;
}

/** How often an apply begins anew when the Object comes or goes meanwhile. */
const MOST_APPLY_ATTEMPTS = 5;

/** How many Objects a deletecollection has in hand at once. */
const DELETE_BATCH = 64;

/** The Objects of one kind in the Store (Kubernetes' `genericregistry.Store`): what is stored has been admitted. */
export class KindStorage implements Storage {
  readonly kind: Kind;
  readonly resource: Resource;
  readonly table: TableConvertor;
  readonly isConfidential: boolean;
  readonly returnsDeletedObject: boolean;
  readonly subresources = new Map<string, Storage>();
  readonly deleteCollection?: CollectionDeleter["deleteCollection"];
  /** For subresources, and for who shows the Objects in another shape. */
  readonly editor: ObjectEditor;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #writer: ObjectWriter;
  readonly #creator: ObjectCreator;
  readonly #content: Content;

  constructor(kind: Kind, { store, clock, logger, defaults, table, room }: KindStorageOptions) {
    this.kind = kind;
    this.resource = kind.resource;
    this.table = table;
    this.isConfidential = kind.encryptedAtRest ?? false; // What is hidden from who reads the disk is not shown unseen either.
    this.returnsDeletedObject = kind.returnsDeletedObject ?? false;
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#writer = new ObjectWriter(store, kind);
    const content = storedContent(store);
    this.#content = content;
    const now = (): string => this.#now();
    const environment = { kind, store, writer: this.#writer, content, defaults, room, now };
    this.editor = new ObjectEditor(environment);
    this.#creator = new ObjectCreator(environment);
    if (!kind.isDeletedOneByOne)
      this.deleteCollection = async (selection, options) => await this.#deleteAll(this.list(selection), options);
  }

  async bootstrap(): Promise<void> {
    await Promise.all((this.kind.bootstrapObjects ?? []).map((object) => this.#ensure(object)));
  }

  async #ensure(expected: KubeObject): Promise<void> {
    const key = keyOf(expected);
    const current = this.find(key);
    if (!current) {
      await this.create(expected.metadata.namespace, expected, {});
      this.#logger.info("created a built-in object", { kind: this.resource.kind, name: expected.metadata.name });
      return;
    }
    const next = this.kind.reconcileBootstrap?.(expected, current);
    if (next)
      await this.editor.change(key, {}, (found) => ({
        next: { ...next, metadata: { ...found.metadata, ...next.metadata } } as Stored,
        warnings: [],
      }));
  }

  find(key: Key): Stored | undefined {
    return this.#store.get(storePath(this.resource, key));
  }

  get(key: Key): Stored {
    return this.#writer.read(key);
  }

  /** A damaged store shows what can still be read of it (P12). */
  incomplete(): string | undefined {
    const { health } = this.#store;
    return !health.ok && health.partial ? health.message : undefined;
  }

  /** What cannot be written cannot be shown: workloads go on meanwhile, and their statuses stay as they were. */
  outdated(): string | undefined {
    const { health } = this.#store;
    return health.ok || health.partial ? undefined : health.message;
  }

  list(options: StorageListOptions): ObjectList {
    return listObjects(this.#store, this.kind, options);
  }

  watch(options: WatchOptions): Watching<WatchEvent> {
    return watchObjects(this.#store, this.#clock, this.kind, options);
  }

  /** The same Objects, selected by other fields: for who shows them in another shape. */
  selecting(selectableFields: Kind["selectableFields"]): Lister & Watcher & CollectionDeleter {
    const selectable = { resource: this.resource, selectableFields };
    const list = (options: StorageListOptions): ObjectList => listObjects(this.#store, selectable, options);
    return {
      list,
      deleteCollection: (selection, options) => this.#deleteAll(list(selection), options),
      watch: (options) => watchObjects(this.#store, this.#clock, selectable, options),
    };
  }

  async create(namespace: string | undefined, body: unknown, context: WriteContext): Promise<Written> {
    return await this.#creator.create(namespace, body, context);
  }

  async update(key: Key, body: unknown, context: WriteContext): Promise<Written> {
    return await this.editor.update(key, body, context, this.editor.whole);
  }

  /** Throws Forbidden when this user must not write `next` over what is there, whatever his roles allow. */
  assertWriterMay(next: Stored, current: Stored, user: Authority): void {
    assertWriterMay(this.kind, { user: user.user, authority: user }, this.#content, next, current);
  }

  async patch(key: Key, patch: Patch, context: WriteContext): Promise<Written> {
    if (patch.type !== "apply") return await this.editor.patch(key, patch, context, this.editor.whole);
    const configuration = configurationFor(key, patch, this.editor.whole);
    for (let attempt = 1; ; attempt++) {
      const isThere = this.find(key) !== undefined;
      try {
        return isThere
          ? await this.editor.apply(key, configuration, context, this.editor.whole)
          : await this.#creator.createApplied(key, configuration, context);
      } catch (error) {
        const cameOrWent = isThere ? isNotFound(error) : isAlreadyExists(error);
        if (!cameOrWent || attempt === MOST_APPLY_ATTEMPTS) throw error;
      }
      await this.#store.caughtUp();
    }
  }

  async delete(key: Key, options: DeleteOptions): Promise<Deleted> {
    this.#writer.assertWritable();
    this.kind.assertDeletable?.(splitKey(key).name);
    return await this.#writer.exclusively(key, async (current) => {
      assertPreconditions(this.resource, current, options.preconditions ?? {});
      const plan = planDeletion(this.kind, current, options, this.#now());
      const gone = plan.do === "remove";
      const object = gone
        ? await this.#writer.remove(current, options.dryRun)
        : await this.#writer.replace(current, plan.next, options.dryRun);
      return { object, gone };
    });
  }

  /** An Object that somebody else removes meanwhile is no failure. */
  async #deleteAll(list: ObjectList, options: DeleteOptions): Promise<ObjectList> {
    const one = (object: Stored): Promise<unknown> =>
      this.delete(keyOf(object), options).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    for (let from = 0; from < list.items.length; from += DELETE_BATCH) {
      await Promise.all(list.items.slice(from, from + DELETE_BATCH).map(one));
    }
    return list;
  }

  #now(): string {
    return timestamp(this.#clock.wall());
  }
}
