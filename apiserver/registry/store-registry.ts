import { randomUUID } from "node:crypto";
import type { DeleteOptions, ListOptions, ObjectList, Patch, WatchEvent, WatchOptions } from "../../api/client.ts";
import { badRequest, isAlreadyExists, isNotFound, notFound, StatusError } from "../../api/errors.ts";
import { type Key, keyOf, type Stored, splitKey } from "../../api/object.ts";
import { namespaces, type Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Store } from "../../store/store.ts";
import { type Admitted, admitObject, refuse } from "../admission/admit.ts";
import type { AdmissionDefaults } from "../admission/default.ts";
import { assertWholesome } from "../admission/well-formed.ts";
import { applyPatch } from "../patch/apply-patch.ts";
import { required } from "../validation/field-error.ts";
import { objectWarnings } from "../validation/warnings.ts";
import { assertNamedAsUrl, type Composed, composeNew, composeNext, composeStatus, namespaceFor } from "./compose.ts";
import { assertPreconditions, planDeletion } from "./deletion.ts";
import { generateName } from "./generate-name.ts";
import { listObjects } from "./list-objects.ts";
import { timestamp } from "./metadata.ts";
import {
  assertDeletable,
  assertNamespaceOpen,
  assertNothingLeftBehind,
  DEFAULT_NAMESPACE,
} from "./namespace-lifecycle.ts";
import { ObjectWriter } from "./object-writer.ts";
import { storePath } from "./paths.ts";
import type { Registry, WriteContext, Written } from "./registry.ts";
import { scaleOf, withScale } from "./scale.ts";
import { readTypeMeta } from "./type-meta.ts";
import { watchObjects } from "./watch-objects.ts";

export interface StoreRegistryOptions {
  store: Store;
  clock: Clock;
  /** Asked at every write, so that a reloaded configuration holds for later writes. */
  defaults?: () => AdmissionDefaults;
  logger: Logger;
}

/** How often a generated name that is taken is replaced by another. */
const MOST_NAMES = 8;
/** How many Objects a deletecollection has in hand at once. */
const DELETE_BATCH = 64;

/** The Registry over a Store: what is stored has been admitted. */
export class StoreRegistry implements Registry {
  readonly #store: Store;
  readonly #writer: ObjectWriter;
  readonly #clock: Clock;
  readonly #defaults: () => AdmissionDefaults;
  readonly #logger: Logger;

  constructor({ store, clock, defaults = () => ({}), logger }: StoreRegistryOptions) {
    this.#store = store;
    this.#writer = new ObjectWriter(store);
    this.#clock = clock;
    this.#defaults = defaults;
    this.#logger = logger;
  }

  /** Makes what must always be there: the Namespace `default`. */
  async bootstrap(): Promise<void> {
    if (this.#store.get(storePath(namespaces, DEFAULT_NAMESPACE))) return;
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: DEFAULT_NAMESPACE } };
    await this.create(namespaces as Resource, undefined, body, {});
    this.#logger.info("made the namespace default");
  }

  get(resource: Resource, key: Key): Stored {
    return this.#writer.read(resource, key);
  }

  list(resource: Resource, options: ListOptions): ObjectList {
    return listObjects(this.#store, resource, options);
  }

  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent> {
    return watchObjects(this.#store, this.#clock, resource, options);
  }

  /** Before everything else: what a damaged store does not show must not be called missing (P12). */
  #assertWritable(): void {
    const { health } = this.#store;
    if (!health.ok) throw new StatusError("ServiceUnavailable", health.message);
  }

  async create(
    resource: Resource,
    namespace: string | undefined,
    body: unknown,
    options: WriteContext,
  ): Promise<Written> {
    this.#assertWritable();
    assertWholesome(body);
    const typed = readTypeMeta(resource, body);
    const home = namespaceFor(resource, namespace, typed.metadata);
    if (home !== undefined) assertNamespaceOpen(this.#store, resource, home, String(typed.metadata.name ?? ""));
    const admitted = admitObject(resource, typed, options.fieldValidation, this.#defaults());
    const { name, generateName: base = "", resourceVersion } = admitted.metadata;
    if (resourceVersion) throw badRequest("resourceVersion should not be set on objects to be created");
    if (!name && !base) refuse(resource, "", [required("metadata.name", "name or generateName is required")]);
    const object = name
      ? await this.#createOne(resource, home, name, admitted, options)
      : await this.#createUnderNewName(resource, home, base, admitted, options);
    return { object, created: true, warnings: [...admitted.warnings, ...objectWarnings(object)] };
  }

  async update(resource: Resource, key: Key, body: unknown, options: WriteContext): Promise<Written> {
    this.#assertWritable();
    assertNamedAsUrl(splitKey(key), body);
    return await this.#change(resource, key, options, () => body);
  }

  async patch(resource: Resource, key: Key, patch: Patch, options: WriteContext): Promise<Written> {
    this.#assertWritable();
    return await this.#change(resource, key, options, (shown) => applyPatch(shown, patch));
  }

  async delete(resource: Resource, key: Key, options: DeleteOptions): Promise<{ object: Stored; gone: boolean }> {
    this.#assertWritable();
    assertDeletable(resource, splitKey(key).name);
    return await this.#writer.inTurn(resource, key, async (current) => {
      assertPreconditions(resource, current, options.preconditions ?? {});
      const plan = planDeletion(current, options, timestamp(this.#clock.wall()));
      const gone = plan.do === "remove";
      const object = gone
        ? await this.#writer.remove(resource, current, options.dryRun)
        : await this.#writer.replace(resource, current, plan.next, options.dryRun);
      return { object, gone };
    });
  }

  /** Answers what was selected, as it was. An Object that somebody else removes meanwhile is no failure. */
  async deleteCollection(resource: Resource, selected: ListOptions, options: DeleteOptions): Promise<ObjectList> {
    const list = this.list(resource, selected);
    const one = (object: Stored): Promise<unknown> =>
      this.delete(resource, keyOf(object), options).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    for (let from = 0; from < list.items.length; from += DELETE_BATCH) {
      await Promise.all(list.items.slice(from, from + DELETE_BATCH).map(one));
    }
    return list;
  }

  async #createOne(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    admitted: Admitted,
    { dryRun }: WriteContext,
  ): Promise<Stored> {
    const object = composeNew(resource, admitted, {
      name,
      namespace,
      uid: randomUUID(),
      creationTimestamp: timestamp(this.#clock.wall()),
      generation: resource.group === "" ? undefined : 1,
    });
    return await this.#writer.create(resource, object, dryRun);
  }

  async #createUnderNewName(
    resource: Resource,
    namespace: string | undefined,
    base: string,
    admitted: Admitted,
    options: WriteContext,
  ): Promise<Stored> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#createOne(resource, namespace, generateName(base), admitted, options);
      } catch (error) {
        if (!isAlreadyExists(error) || attempt === MOST_NAMES) throw error;
      }
    }
  }

  /** Read, make the next body from what the client is shown, admit, write. */
  #change(resource: Resource, key: Key, options: WriteContext, bodyFrom: (shown: Stored) => unknown): Promise<Written> {
    return this.#writer.inTurn(resource, key, async (current) => {
      const { next, warnings } = this.#compose(resource, current, options, bodyFrom);
      assertNothingLeftBehind(this.#store, resource, next);
      const object = await this.#writer.replace(resource, current, next, options.dryRun);
      const shown = options.subresource === "scale" ? scaleOf(resource, object) : object;
      return { object: shown, created: false, warnings };
    });
  }

  #compose(resource: Resource, current: Stored, options: WriteContext, bodyFrom: (shown: Stored) => unknown): Composed {
    const isScale = options.subresource === "scale";
    if (isScale && !resource.scale) throw notFound(resource, `${current.metadata.name}/scale`);
    const body = bodyFrom(isScale ? scaleOf(resource, current) : current);
    assertWholesome(body);
    if (options.subresource === "status") return composeStatus(resource, current, body, options);
    const whole = isScale ? withScale(resource, current, body) : body;
    return composeNext(resource, current, whole, options, this.#defaults());
  }
}
