import type { Client } from "../../api/client.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import { clusterRoles } from "../../api/scheme.ts";
import type { ClusterRole } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Controller } from "../../machinery/controller.ts";
import type { SharedInformer } from "../../machinery/informer.ts";
import type { Lister } from "../../machinery/lister.ts";
import { done, type Outcome, requeueAfter } from "../../machinery/outcome.ts";
import type { Reconciler, Request } from "../../machinery/reconciler.ts";
import { aggregatedRules } from "./aggregate.ts";

/** After another writer was faster. */
const RETRY_MS = 100;

/** Keeps the rules of aggregated ClusterRoles what their parts say. */
export class ClusterRoleAggregation implements Reconciler {
  readonly #client: Client;
  readonly #roles: Lister<ClusterRole>;

  constructor({ client, roles }: { client: Client; roles: Lister<ClusterRole> }) {
    this.#client = client;
    this.#roles = roles;
  }

  async reconcile({ key }: Request): Promise<Outcome> {
    const role = this.#roles.get(key);
    if (!role?.aggregationRule) return done;
    const rules = aggregatedRules(role, this.#roles.list());
    if (sameJson(rules, role.rules ?? [])) return done;
    const { resourceVersion } = role.metadata;
    try {
      await this.#client.patch(clusterRoles, key, { type: "merge", body: { metadata: { resourceVersion }, rules } });
    } catch (error) {
      if (isConflict(error)) return requeueAfter(RETRY_MS);
      if (!isNotFound(error)) throw error;
    }
    return done;
  }
}

/** Any ClusterRole may be a part of any that aggregates. */
export function watchClusterRoles(controller: Controller, roles: SharedInformer<ClusterRole>): Controller {
  controller.watch(roles, () =>
    roles.lister
      .list()
      .filter((role) => role.aggregationRule)
      .map(({ metadata }) => metadata.name),
  );
  return controller;
}
