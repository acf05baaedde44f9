import type { Client } from "../../api/client.ts";
import { isAlreadyExists, isNotFound, isReason } from "../../api/errors.ts";
import { keyOf, makeKey } from "../../api/object.ts";
import { serviceAccounts, wellKnown } from "../../api/scheme.ts";
import type { Namespace, ServiceAccount } from "../../api/types.generated.ts";
import type { Controller } from "../../machinery/controller.ts";
import type { SharedInformer } from "../../machinery/informer.ts";
import type { Lister } from "../../machinery/lister.ts";
import { done, type Outcome } from "../../machinery/outcome.ts";
import type { Reconciler, Request } from "../../machinery/reconciler.ts";

export interface ServiceAccountReconcilerOptions {
  client: Client;
  namespaces: Lister<Namespace>;
  accounts: Lister<ServiceAccount>;
}

/** Each Namespace has the ServiceAccount `default`, as in Kubernetes; also again, after somebody has deleted it. Keys are those of Namespaces. */
export class ServiceAccountReconciler implements Reconciler {
  readonly #options: ServiceAccountReconcilerOptions;

  constructor(options: ServiceAccountReconcilerOptions) {
    this.#options = options;
  }

  async reconcile({ key: namespace }: Request, signal: AbortSignal): Promise<Outcome> {
    const { client, namespaces, accounts } = this.#options;
    const found = namespaces.get(namespace);
    if (!found || found.metadata.deletionTimestamp) return done;
    const name = wellKnown.defaultServiceAccount;
    if (accounts.get(makeKey(namespace, name))) return done;
    try {
      await client.create(
        serviceAccounts,
        { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
        { signal },
      );
    } catch (error) {
      // It is there already, or its Namespace is going.
      if (!isAlreadyExists(error) && !isNotFound(error) && !isReason(error, "Forbidden")) throw error;
    }
    return done;
  }
}

export function watchServiceAccounts(
  controller: Controller,
  namespaces: SharedInformer<Namespace>,
  accounts: SharedInformer<ServiceAccount>,
): Controller {
  controller.watch(namespaces, ({ type, object }) => (type === "Deleted" ? [] : [keyOf(object)]));
  controller.watch(accounts, ({ type, object: { metadata } }) =>
    type === "Deleted" && metadata.name === wellKnown.defaultServiceAccount ? [metadata.namespace ?? ""] : [],
  );
  return controller;
}
