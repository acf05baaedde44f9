import type { Client, DeleteOptions } from "../../api/client.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import { keyOf, type OwnerReference, type Stored } from "../../api/object.ts";
import { wellKnown } from "../../api/scheme.ts";
import { done, type Outcome, requeueAfter } from "../../machinery/outcome.ts";
import type { Reconciler, Request } from "../../machinery/reconciler.ts";
import type { Graph, Item } from "./graph.ts";
import { isWaiting, type OwnerState, plan, type Step } from "./plan.ts";

/** Wait after a conflict with another writer. */
const RETRY_MS = 100;

/** Deletes Objects whose last owner is gone. The keys are those of the graph. */
export class GarbageCollector implements Reconciler {
  readonly #client: Client;
  readonly #graph: Graph;

  constructor({ client, graph }: { client: Client; graph: Graph }) {
    this.#client = client;
    this.#graph = graph;
  }

  async reconcile({ key }: Request): Promise<Outcome> {
    const item = this.#graph.item(key);
    if (!item) return done;
    const references = item.object.metadata.ownerReferences ?? [];
    const owners = await Promise.all(
      references.map(async (reference) => ({ reference, state: await this.#stateOf(reference, item.object) })),
    );
    const dependents = this.#graph.dependentsOf(item);
    const situation = { object: item.object, owners, dependents, ...this.#graceOf(item.object) };
    try {
      await this.#perform(item, plan(situation), situation.grace);
      return done;
    } catch (error) {
      if (isNotFound(error)) return done;
      if (isConflict(error)) return requeueAfter(RETRY_MS);
      throw error;
    }
  }

  /** An owner counts as gone only when the API itself says so, for the caches may be behind. */
  async #stateOf(reference: OwnerReference, from: Stored): Promise<OwnerState> {
    const cached = this.#graph.ownerOf(reference, from);
    if (cached) return isWaiting(cached) ? "waiting" : "present";
    const place = this.#graph.locate(reference, from);
    if (!place) return "unknown";
    try {
      const live = await this.#client.get(place.resource, place.key);
      if (live.metadata.uid !== reference.uid) return "absent";
      return isWaiting(live) ? "waiting" : "present";
    } catch (error) {
      if (isNotFound(error)) return "absent";
      throw error;
    }
  }

  async #perform(item: Item, step: Step, grace: number | undefined): Promise<void> {
    switch (step.do) {
      case "nothing":
        return;
      case "delete":
        await this.#delete(item, { propagation: step.propagation }, grace);
        return;
      case "shorten-grace":
        await this.#delete(item, {}, step.graceSeconds);
        return;
      case "drop-owners":
        await this.#dropOwners(item, step.uids);
        return;
      case "release-dependents":
        await this.#releaseDependents(item);
        return;
      case "remove-finalizer":
        await this.#removeFinalizer(item, step.finalizer);
    }
  }

  /** With the resourceVersion, because somebody may have given it another owner meanwhile. */
  async #delete(item: Item, options: Pick<DeleteOptions, "propagation">, grace: number | undefined): Promise<void> {
    const { resource, object } = item;
    const { uid, resourceVersion } = object.metadata;
    const preconditions = { uid, resourceVersion };
    const patience = grace === undefined ? {} : { gracePeriodSeconds: grace };
    await this.#client.delete(resource, keyOf(object), { ...options, preconditions, ...patience });
  }

  /** A shorter grace period for the foreground deletion of an owner is meant for its dependents: they are what takes the time. */
  #graceOf(object: Stored): { grace?: number } {
    for (const reference of object.metadata.ownerReferences ?? []) {
      const owner = reference.controller ? this.#graph.ownerOf(reference, object) : undefined;
      const grace = owner && isWaiting(owner) ? owner.metadata.deletionGracePeriodSeconds : undefined;
      if (grace !== undefined) return { grace };
    }
    return {};
  }

  async #dropOwners({ resource, object }: Item, uids: readonly string[]): Promise<void> {
    const { uid, resourceVersion, ownerReferences = [] } = object.metadata;
    const staying = ownerReferences.filter((reference) => !uids.includes(reference.uid));
    const body = { metadata: { uid, resourceVersion, ownerReferences: staying.length > 0 ? staying : null } };
    await this.#client.patch(resource, keyOf(object), { type: "merge", body });
  }

  async #releaseDependents(item: Item): Promise<void> {
    const { uid } = item.object.metadata;
    for (const dependent of this.#graph.dependentsOf(item)) {
      await this.#dropOwners(dependent, [uid]).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
    await this.#removeFinalizer(item, wellKnown.orphanFinalizer);
  }

  async #removeFinalizer({ resource, object }: Item, finalizer: string): Promise<void> {
    const { uid, resourceVersion, finalizers = [] } = object.metadata;
    const body = { metadata: { uid, resourceVersion, finalizers: finalizers.filter((name) => name !== finalizer) } };
    await this.#client.patch(resource, keyOf(object), { type: "merge", body });
  }
}
