import type { Client } from "../../api/client.ts";
import { setCondition } from "../../api/conditions.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import { keyOf, type Stored } from "../../api/object.ts";
import { namespaces, type Resource } from "../../api/scheme.ts";
import type { Namespace } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Controller } from "../../machinery/controller.ts";
import type { SharedInformer } from "../../machinery/informer.ts";
import type { Lister } from "../../machinery/lister.ts";
import { done, type Outcome, requeueAfter } from "../../machinery/outcome.ts";
import type { Reconciler, Request } from "../../machinery/reconciler.ts";

export interface NamespaceReconcilerOptions {
  client: Client;
  namespaces: Lister<Namespace>;
  /** All served resources; only the namespaced ones are used. */
  resources: readonly Resource[];
  clock: Clock;
}

/** The deletion of what remains is an event; this is for an event that was lost. */
const LOOK_AGAIN_MS = 5_000;
/** Wait after a conflict with another writer. */
const RETRY_MS = 100;
/** At once, so that they share the store's group commit. */
const PARALLEL = 64;

/** Empties a Namespace that is being deleted, and removes its finalizer when it is empty. Until then the API refuses new content. */
export class NamespaceReconciler implements Reconciler {
  readonly #options: NamespaceReconcilerOptions;

  constructor(options: NamespaceReconcilerOptions) {
    this.#options = { ...options, resources: options.resources.filter((resource) => resource.namespaced) };
  }

  async reconcile({ key }: Request, signal: AbortSignal): Promise<Outcome> {
    const namespace = this.#options.namespaces.get(key);
    if (!namespace?.metadata.deletionTimestamp) return done;
    const remaining = new Map<string, number>();
    for (const resource of this.#options.resources) {
      const left = await this.#empty(resource, namespace, signal);
      if (left > 0) remaining.set(resource.group ? `${resource.plural}.${resource.group}` : resource.plural, left);
    }
    try {
      if (remaining.size === 0) return await this.#release(namespace);
      return await this.#sayWhatRemains(namespace, remaining);
    } catch (error) {
      if (isNotFound(error)) return done;
      if (isConflict(error)) return requeueAfter(RETRY_MS);
      throw error;
    }
  }

  /** Deletes all content; resolves with how many Objects their finalizers keep. It lists from the API, because a cache may be behind. */
  async #empty(resource: Resource, { metadata }: Stored<Namespace>, signal: AbortSignal): Promise<number> {
    const { items } = await this.#options.client.list(resource, { namespace: metadata.name, signal });
    let left = 0;
    for (let at = 0; at < items.length; at += PARALLEL) {
      const batch = items.slice(at, at + PARALLEL);
      const held = await Promise.all(
        batch.map((object) => this.#delete(resource, object, metadata.deletionGracePeriodSeconds)),
      );
      left += held.filter(Boolean).length;
    }
    return left;
  }

  /** `grace`: the grace period of the Namespace's deletion, if it has one. It applies to what runs in it, even if that is being deleted already. */
  async #delete(resource: Resource, object: Stored, grace: number | undefined): Promise<boolean> {
    const { uid, deletionTimestamp, deletionGracePeriodSeconds: given = 0 } = object.metadata;
    if (deletionTimestamp && !(grace !== undefined && grace < given)) return true;
    const patience = grace === undefined ? {} : { gracePeriodSeconds: grace };
    try {
      const left = await this.#options.client.delete(resource, keyOf(object), { preconditions: { uid }, ...patience });
      return left !== undefined;
    } catch (error) {
      if (isNotFound(error)) return false;
      if (isConflict(error)) return true;
      throw error;
    }
  }

  /** The finalizers of a Namespace are in its spec, as in Kubernetes. */
  async #release(namespace: Stored<Namespace>): Promise<Outcome> {
    const { uid, resourceVersion } = namespace.metadata;
    const body = { metadata: { uid, resourceVersion }, spec: { finalizers: [] } };
    await this.#options.client.patch(namespaces, namespace.metadata.name, { type: "merge", body });
    return done;
  }

  async #sayWhatRemains(namespace: Stored<Namespace>, remaining: ReadonlyMap<string, number>): Promise<Outcome> {
    const what = Array.from(remaining, ([name, left]) => `${name} has ${left} resource instances`).join(", ");
    const condition = {
      type: "NamespaceContentRemaining",
      status: "True",
      reason: "SomeResourcesRemain",
      message: `Some resources are remaining: ${what}`,
    } as const;
    const conditions = setCondition(namespace.status?.conditions ?? [], condition, this.#options.clock.wall());
    const status: Namespace["status"] = { ...namespace.status, phase: "Terminating", conditions };
    if (!sameJson(status, namespace.status))
      await this.#options.client.updateStatus(namespaces, { ...namespace, status });
    return requeueAfter(LOOK_AGAIN_MS);
  }
}

/** Namespaces that are being deleted, and every deletion inside them. `contents`: informers of what a Namespace may have to wait for. */
export function watchNamespaces(
  controller: Controller,
  own: SharedInformer<Namespace>,
  contents: readonly SharedInformer[],
): Controller {
  controller.watch(own, ({ object }) => (object.metadata.deletionTimestamp ? [keyOf(object)] : []));
  for (const informer of contents) {
    controller.watch(informer, ({ type, object }) => {
      const namespace = type === "Deleted" ? object.metadata.namespace : undefined;
      return namespace !== undefined && own.lister.get(namespace)?.metadata.deletionTimestamp ? [namespace] : [];
    });
  }
  return controller;
}
