import type { Client } from "../../api/client.ts";
import { findCondition, type NewCondition, setCondition } from "../../api/conditions.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import { makeKey, type Stored } from "../../api/object.ts";
import { nodes, wellKnown } from "../../api/scheme.ts";
import type { Lease, Node, NodeCondition } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Controller } from "../../machinery/controller.ts";
import type { SharedInformer } from "../../machinery/informer.ts";
import type { Lister } from "../../machinery/lister.ts";
import { done, type Outcome, requeueAfter } from "../../machinery/outcome.ts";
import type { Reconciler, Request } from "../../machinery/reconciler.ts";
import { LastHeard } from "./last-heard.ts";

export interface NodeLifecycleOptions {
  client: Client;
  nodes: Lister<Node>;
  leases: Lister<Lease>;
  clock: Clock;
}

/** Kubernetes' `node-monitor-grace-period`. */
const GRACE_MS = 40_000;
/** The last of the grace: a node that lives is heard within it. */
const LISTEN_MS = 12_000;
/** After another writer was faster. */
const RETRY_MS = 100;

/**
 * A node that gave no sign of life for 40 s is not known to be ready any more. Its own agent says when it is ready again. The last seconds are
 * counted only while the API takes writes, so that a node has time to be heard after the machine was suspended, the daemon halted or the store
 * full.
 */
export class NodeLifecycle implements Reconciler {
  readonly #options: NodeLifecycleOptions;
  readonly #heard: LastHeard;

  constructor(options: NodeLifecycleOptions) {
    this.#options = options;
    this.#heard = new LastHeard(options.clock);
  }

  async reconcile({ key }: Request): Promise<Outcome> {
    const node = this.#options.nodes.get(key);
    if (!node) {
      this.#heard.forget(key);
      return done;
    }
    const lease = this.#options.leases.get(makeKey(wellKnown.nodeLeaseNamespace, key));
    const quietMs = GRACE_MS - LISTEN_MS - this.#heard.agoMs(node, lease);
    if (quietMs > 0) return requeueAfter(quietMs);
    try {
      return await this.#listen(node);
    } catch (error) {
      if (isNotFound(error)) return done;
      if (isConflict(error)) return requeueAfter(RETRY_MS);
      this.#heard.forget(key); // While this cannot be written, no node could write a sign of life either.
      throw error;
    }
  }

  async #listen(node: Stored<Node>): Promise<Outcome> {
    const { name } = node.metadata;
    const listenedMs = this.#heard.listenedMs(name);
    if (listenedMs === undefined) {
      await this.#doubt(node, true);
      this.#heard.listen(name);
      return requeueAfter(LISTEN_MS);
    }
    if (listenedMs < LISTEN_MS) return requeueAfter(LISTEN_MS - listenedMs);
    await this.#doubt(node, false);
    return done; // The next sign of life brings the key back.
  }

  async #doubt(node: Stored<Node>, dryRun: boolean): Promise<void> {
    const { client, clock } = this.#options;
    const before = node.status?.conditions ?? [];
    const conditions = setCondition(before, unknown(findCondition(before, "Ready")), clock.wall());
    if (conditions === before) return;
    await client.updateStatus(nodes, { ...node, status: { ...node.status, conditions } }, { dryRun });
  }
}

/** In Kubernetes' words. When it was heard of last stays as it is. */
function unknown(ready: NodeCondition | undefined): NewCondition {
  if (ready?.status === "Unknown") return ready;
  const said = ready
    ? { reason: "NodeStatusUnknown", message: "Agent stopped posting node status." }
    : { reason: "NodeStatusNeverUpdated", message: "Agent never posted node status." };
  return { ...ready, type: "Ready", status: "Unknown", ...said };
}

export function watchNodes(
  controller: Controller,
  own: SharedInformer<Node>,
  leases: SharedInformer<Lease>,
): Controller {
  controller.watch(own, ({ object }) => [object.metadata.name]);
  controller.watch(leases, ({ object: { metadata } }) =>
    metadata.namespace === wellKnown.nodeLeaseNamespace ? [metadata.name] : [],
  );
  return controller;
}
