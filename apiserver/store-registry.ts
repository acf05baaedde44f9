import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { DeleteOptions, ListOptions, ObjectList, Patch, WatchEvent, WatchOptions } from "../api/client.ts";
import {
  alreadyExists,
  badRequest,
  conflict,
  isAlreadyExists,
  isConflict,
  isNotFound,
  notFound,
} from "../api/errors.ts";
import { type Key, keyOf, makeKey, type Stored } from "../api/object.ts";
import { namespaces, type Resource } from "../api/scheme.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { sameJson } from "../lib/same-json.ts";
import type { Path, Store, Unstamped } from "../store/store.ts";
import { type Admitted, admitObject, refuse } from "./admission/admit.ts";
import type { AdmissionDefaults } from "./admission/default.ts";
import { assertWholesome } from "./admission/wholesome.ts";
import { type Composed, composeNew, composeNext, composeStatus, nameIn, namespaceFor } from "./compose.ts";
import { assertPreconditions, planDeletion } from "./deletion.ts";
import { generateName } from "./generate-name.ts";
import { listObjects } from "./list-objects.ts";
import { timestamp } from "./metadata.ts";
import { assertDeletable, assertNamespaceOpen, DEFAULT_NAMESPACE } from "./namespace-lifecycle.ts";
import { applyPatch } from "./patch/apply-patch.ts";
import { storePath } from "./paths.ts";
import type { Registry, WriteContext, Written } from "./registry.ts";
import { scaleOf, withScale } from "./scale.ts";
import { pendingFinalizers } from "./strategies.ts";
import { Turns } from "./turns.ts";
import { readTypeMeta } from "./type-meta.ts";
import { required } from "./validation/field-error.ts";
import { watchObjects } from "./watch-objects.ts";

export interface StoreRegistryOptions {
  store: Store;
  clock: Clock;
  /** Asked at every write, so that a reloaded configuration holds for later writes. */
  defaults?: () => AdmissionDefaults;
  logger: Logger;
}

/** Of a write that met another writer, and of a generated name that was taken. */
const MOST_ATTEMPTS = 10;
/** How many Objects a deletecollection has in hand at once. */
const DELETE_BATCH = 64;

/** The Registry over a Store: what is stored has been admitted. */
export class StoreRegistry implements Registry {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #defaults: () => AdmissionDefaults;
  readonly #logger: Logger;
  readonly #turns = new Turns();

  constructor({ store, clock, defaults = () => ({}), logger }: StoreRegistryOptions) {
    this.#store = store;
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
    const found = this.#store.get(storePath(resource, key));
    if (!found) throw notFound(resource, nameIn(key));
    return found;
  }

  list(resource: Resource, options: ListOptions): ObjectList {
    return listObjects(this.#store, resource, options);
  }

  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent> {
    return watchObjects(this.#store, this.#clock, resource, options);
  }

  async create(
    resource: Resource,
    namespace: string | undefined,
    body: unknown,
    options: WriteContext,
  ): Promise<Written> {
    assertWholesome(body);
    const typed = readTypeMeta(resource, body);
    const home = namespaceFor(resource, namespace, typed.metadata);
    if (home !== undefined) assertNamespaceOpen(this.#store, resource, home, String(typed.metadata.name ?? ""));
    const admitted = admitObject(resource, typed, options.fieldValidation, this.#defaults());
    if (admitted.metadata.resourceVersion)
      throw badRequest("resourceVersion should not be set on objects to be created");
    const object = await this.#createNamed(resource, home, admitted, options);
    return { object, created: true, warnings: admitted.warnings };
  }

  update(resource: Resource, key: Key, body: unknown, options: WriteContext): Promise<Written> {
    return this.#change(resource, key, options, () => body);
  }

  patch(resource: Resource, key: Key, patch: Patch, options: WriteContext): Promise<Written> {
    return this.#change(resource, key, options, (shown) => applyPatch(shown, patch));
  }

  async delete(resource: Resource, key: Key, options: DeleteOptions): Promise<{ object: Stored; gone: boolean }> {
    assertDeletable(resource, nameIn(key));
    return await this.#inTurn(resource, key, (current) => this.#deleteOne(resource, current, options));
  }

  /** Answers what was selected, as it was. An Object that somebody else removes meanwhile is no failure. */
  async deleteCollection(resource: Resource, selected: ListOptions, options: DeleteOptions): Promise<ObjectList> {
    const list = this.list(resource, selected);
    for (let from = 0; from < list.items.length; from += DELETE_BATCH) {
      const batch = list.items.slice(from, from + DELETE_BATCH);
      await Promise.all(batch.map((object) => this.#deleteIfThere(resource, object, options)));
    }
    return list;
  }

  async #createNamed(
    resource: Resource,
    namespace: string | undefined,
    admitted: Admitted,
    options: WriteContext,
  ): Promise<Stored> {
    const { name, generateName: base } = admitted.metadata;
    if (!name && !base) refuse(resource, "", [required("metadata.name", "name or generateName is required")]);
    for (let attempt = 1; ; attempt++) {
      const chosen = name || generateName(base ?? "");
      try {
        return await this.#createOne(resource, namespace, chosen, admitted, options);
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        if (name || attempt === MOST_ATTEMPTS) throw alreadyExists(resource, chosen);
      }
    }
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
    const path = storePath(resource, makeKey(namespace, name));
    if (this.#store.get(path)) throw alreadyExists(resource, name);
    // A dry run answers without a resourceVersion, as in Kubernetes: there is no revision to name.
    return dryRun ? (object as Stored) : await this.#store.create(path, object as Unstamped);
  }

  /** Read, make the next body from what the client is shown, admit, write. */
  async #change(
    resource: Resource,
    key: Key,
    options: WriteContext,
    bodyFrom: (shown: Stored) => unknown,
  ): Promise<Written> {
    return await this.#inTurn(resource, key, async (current) => {
      const { next, warnings } = this.#compose(resource, current, options, bodyFrom);
      const object = options.dryRun ? next : await this.#write(resource, current, next);
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

  /** Nothing changed: nothing is written, and the resourceVersion stays. The last finalizer of a deleting Object takes it along. */
  async #write(resource: Resource, current: Stored, next: Stored): Promise<Stored> {
    const path = storePath(resource, keyOf(current));
    const revision = Number(current.metadata.resourceVersion);
    if (next.metadata.deletionTimestamp && pendingFinalizers(next).length === 0) {
      const { metadata } = await raced(this.#store.delete(path, revision));
      return { ...next, metadata: { ...next.metadata, resourceVersion: metadata.resourceVersion } };
    }
    return sameJson(current, next) ? current : await raced(this.#store.update(path, next, revision));
  }

  async #deleteOne(
    resource: Resource,
    current: Stored,
    options: DeleteOptions,
  ): Promise<{ object: Stored; gone: boolean }> {
    assertPreconditions(resource, current, options.preconditions ?? {});
    const path: Path = storePath(resource, keyOf(current));
    const revision = Number(current.metadata.resourceVersion);
    const plan = planDeletion(current, options, timestamp(this.#clock.wall()));
    if (plan.do === "nothing") return { object: current, gone: false };
    if (plan.do === "mark") {
      return {
        object: options.dryRun ? plan.next : await raced(this.#store.update(path, plan.next, revision)),
        gone: false,
      };
    }
    return { object: options.dryRun ? current : await raced(this.#store.delete(path, revision)), gone: true };
  }

  async #deleteIfThere(resource: Resource, object: Stored, options: DeleteOptions): Promise<void> {
    try {
      await this.delete(resource, keyOf(object), options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Turns keep the writers of this Registry apart; where something else writes to the Store, a lost race is run again. */
  #inTurn<T>(resource: Resource, key: Key, work: (current: Stored) => Promise<T>): Promise<T> {
    return this.#turns.take(storePath(resource, key), async () => {
      for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
        try {
          return await work(this.get(resource, key));
        } catch (error) {
          if (!(error instanceof LostRace)) throw error;
        }
        await setImmediate();
      }
      throw conflict(resource, nameIn(key));
    });
  }
}

/** The Store had another revision than the one that was read. */
class LostRace extends Error {}

async function raced(write: Promise<Stored>): Promise<Stored> {
  try {
    return await write;
  } catch (error) {
    throw isConflict(error) || isNotFound(error) ? new LostRace("", { cause: error }) : error;
  }
}
