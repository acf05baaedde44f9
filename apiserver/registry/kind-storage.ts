import { randomUUID } from "node:crypto";
import type {
  ApplyPatch,
  DeleteOptions,
  ListOptions,
  ObjectList,
  Patch,
  WatchEvent,
  WatchOptions,
} from "../../api/client.ts";
import { badRequest, conflict, isAlreadyExists, isNotFound, StatusError } from "../../api/errors.ts";
import { type Key, type KubeObject, keyOf, type Stored, splitKey } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Store } from "../../store/store.ts";
import { type Admitted, admitObject } from "../admission/admit.ts";
import type { AdmissionDefaults } from "../admission/template-defaults.ts";
import { assertWellFormed } from "../admission/well-formed.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { readConfiguration } from "../apply/configuration.ts";
import { type Content, isReleased, type Kind } from "../kinds/kind.ts";
import { warningsOf } from "../kinds/validation.ts";
import { applyPatch } from "../patch/apply-patch.ts";
import type { TableConvertor } from "../printing/table.ts";
import { assertPreconditions, planDeletion } from "./deletion.ts";
import { assertWritable, withManagers, withOwners } from "./field-owners.ts";
import { underNewName } from "./generate-name.ts";
import { listObjects } from "./list-objects.ts";
import { assertMayCreate } from "./may-create.ts";
import { timestamp } from "./metadata.ts";
import { assertNamespaceOpen } from "./namespace-lifecycle.ts";
import { assertNodeMayWrite } from "./node-restriction.ts";
import { ObjectWriter } from "./object-writer.ts";
import { assertMayBeOwned } from "./owner-restriction.ts";
import { storePath, storePrefix } from "./paths.ts";
import { type Prepared, prepareCreate, prepareUpdate, readNew } from "./prepare.ts";
import { type Configuration, managersOfCreated, prepareApply } from "./prepare-apply.ts";
import { assertNamedAsUrl, assertSameName } from "./same-object.ts";
import type { CollectionDeleter, Deleted, Lister, Storage, StorageListOptions, Watcher, Written } from "./storage.ts";
import { watchObjects } from "./watch-objects.ts";
import { assertWriterMay } from "./writer-restriction.ts";

export interface KindStorageOptions {
  store: Store;
  clock: Clock;
  logger: Logger;
  /** Asked at every write, so that a reloaded configuration holds for later writes. */
  defaults: () => AdmissionDefaults;
  table: TableConvertor;
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
  readonly subresources = new Map<string, Storage>();
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #defaults: () => AdmissionDefaults;
  readonly #writer: ObjectWriter;

  constructor(kind: Kind, { store, clock, logger, defaults, table }: KindStorageOptions) {
    this.kind = kind;
    this.resource = kind.resource;
    this.table = table;
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#defaults = defaults;
    this.#writer = new ObjectWriter(store, kind);
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
      await this.change(key, {}, (found) => ({
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

  watch(options: WatchOptions): AsyncIterable<WatchEvent> {
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
    return await this.#create(namespace, body, context, (object) => {
      return withOwners(this.kind, undefined, object, context, this.#now());
    });
  }

  /** `owned`: the Object with who owns what of it. */
  async #create(
    namespace: string | undefined,
    body: unknown,
    context: WriteContext,
    owned: (object: KubeObject) => KubeObject,
  ): Promise<Written> {
    this.#assertWritable();
    const { typed, namespace: home } = readNew(this.kind, namespace, body);
    if (home !== undefined) {
      assertNamespaceOpen(this.#store, this.resource, home, String(typed.metadata.name ?? ""));
    }
    const admitted = admitObject(this.kind, typed, context.fieldValidation, this.#defaults());
    const { name, generateName: base = "", resourceVersion } = admitted.metadata;
    if (resourceVersion) throw badRequest("resourceVersion should not be set on objects to be created");
    const createAs = (chosen: string): Promise<Stored> => this.#createOne(home, chosen, admitted, context, owned);
    const object = name || !base ? await createAs(name ?? "") : await underNewName(base, createAs);
    return { object, created: true, warnings: [...admitted.warnings, ...warningsOf(this.kind, object, this.#content)] };
  }

  async update(key: Key, body: unknown, context: WriteContext): Promise<Written> {
    assertNamedAsUrl(splitKey(key), body);
    return await this.change(key, context, (current) => this.prepare(current, body, context));
  }

  async patch(key: Key, patch: Patch, context: WriteContext): Promise<Written> {
    if (patch.type === "apply") {
      const prepare = (current: Stored, body: unknown): Prepared => this.prepare(current, body, context);
      return await this.#applyOrCreate(key, this.configuration(key, patch), context, prepare);
    }
    return await this.change(key, context, (current) => {
      return this.prepare(current, applyPatch(current, patch, this.kind.schema), context);
    });
  }

  /** What a request applies to the Object of this name. Throws BadRequest. */
  configuration(key: Key, { body, force = false }: ApplyPatch): Configuration {
    assertWellFormed(body);
    assertNamedAsUrl(splitKey(key), body);
    return { config: readConfiguration(this.resource, body, this.kind.schema.whole), force };
  }

  /** Server-side apply to an Object that is there; for subresources too. */
  async apply(
    key: Key,
    configuration: Configuration,
    context: WriteContext,
    prepare: (current: Stored, body: unknown) => Prepared,
  ): Promise<Written> {
    return await this.change(key, context, (current) => {
      const admit = (body: unknown): Prepared => prepare(current, body);
      return prepareApply(this.kind, current, configuration, context, this.#now(), admit);
    });
  }

  async #applyOrCreate(...args: Parameters<KindStorage["apply"]>): Promise<Written> {
    const [key, configuration, context] = args;
    for (let attempt = 1; ; attempt++) {
      const isThere = this.#writer.find(key) !== undefined;
      try {
        return isThere ? await this.apply(...args) : await this.#createApplied(key, configuration, context);
      } catch (error) {
        const cameOrWent = isThere ? isNotFound(error) : isAlreadyExists(error);
        if (!cameOrWent || attempt === MOST_APPLY_ATTEMPTS) throw error;
      }
      await this.#store.caughtUp();
    }
  }

  async #createApplied(key: Key, configuration: Configuration, context: WriteContext): Promise<Written> {
    const { namespace, name } = splitKey(key);
    const { config } = configuration;
    assertSameName({ name, ...(namespace === undefined ? {} : { namespace }) }, config.metadata);
    const { uid, resourceVersion: _, ...metadata } = config.metadata;
    if (typeof uid === "string" && uid !== "") {
      const why = `uid mismatch: the provided object specified uid ${uid.slice(0, 253)}, and no existing object was found`;
      throw conflict(this.resource, name, why);
    }
    assertMayCreate(this.resource, key, context);
    const managers = managersOfCreated(this.kind, configuration, context, this.#now());
    return await this.#create(namespace, { ...config, metadata }, context, (object) => withManagers(object, managers));
  }

  async delete(key: Key, options: DeleteOptions): Promise<Deleted> {
    this.#assertWritable();
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

  async deleteCollection(selection: ListOptions, options: DeleteOptions): Promise<ObjectList> {
    return await this.#deleteAll(this.list(selection), options);
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

  /** Reads, makes the next version, writes; for subresources too. Changes of one Object run one after the other. */
  async change(key: Key, context: WriteContext, next: (current: Stored) => Prepared): Promise<Written> {
    this.#assertWritable();
    return await this.#writer.exclusively(key, async (current) => {
      const prepared = next(current);
      this.#assertMayWrite(context, prepared.next, current);
      if (isReleased(this.kind, prepared.next)) this.kind.assertReleasable?.(prepared.next, this.#content);
      const object = await this.#writer.replace(current, this.#owned(current, prepared, context), context.dryRun);
      return { object, created: false, warnings: prepared.warnings };
    });
  }

  #owned(current: Stored, { next, managers }: Prepared, context: WriteContext): Stored {
    const owned = managers ? withManagers(next, managers) : withOwners(this.kind, current, next, context, this.#now());
    assertWritable(owned, current);
    return owned;
  }

  #now(): string {
    return timestamp(this.#clock.wall());
  }

  /** The next version that a whole body makes of `current`. */
  prepare(current: Stored, body: unknown, context: WriteContext): Prepared {
    assertWellFormed(body);
    return prepareUpdate(this.kind, current, body, context, { defaults: this.#defaults(), content: this.#content });
  }

  readonly #content: Content = {
    all: <T extends KubeObject>(resource: Resource<T>) =>
      this.#store.list(storePrefix(resource)).items as unknown as readonly Stored<T>[],
    in: <T extends KubeObject>(resource: Resource<T>, namespace: string) =>
      this.#store.list(storePrefix(resource, namespace)).items as unknown as readonly Stored<T>[],
    isEmpty: (resource: Resource, namespace: string): boolean =>
      this.#store.list(storePrefix(resource, namespace), { limit: 1 }).items.length === 0,
    find: (resource: Resource, key: Key) => this.#store.get(storePath(resource, key)),
  };

  /** Before everything else: what a damaged store does not show must not be called missing (P12). */
  #assertWritable(): void {
    const { health } = this.#store;
    if (!health.ok) throw new StatusError("ServiceUnavailable", health.message);
  }

  async #createOne(
    namespace: string | undefined,
    name: string,
    admitted: Admitted,
    context: WriteContext,
    owned: (object: KubeObject) => KubeObject,
  ): Promise<Stored> {
    const object = prepareCreate(this.kind, admitted, {
      name,
      namespace,
      uid: randomUUID(),
      creationTimestamp: this.#now(),
    });
    this.#assertMayWrite(context, object);
    const next = owned(object);
    assertWritable(next, object);
    return await this.#writer.create(next, context.dryRun);
  }

  #assertMayWrite(context: WriteContext, next: KubeObject, current?: KubeObject): void {
    assertNodeMayWrite(this.kind, context.user, next, current);
    assertMayBeOwned(this.resource, context, next, current);
    assertWriterMay(this.kind, context, this.#content, next, current);
  }
}
