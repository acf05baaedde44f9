import { accountOf } from "../../../api/account-of.ts";
import type { Client } from "../../../api/client.ts";
import { controllerOf, keyOf, makeKey, type Stored } from "../../../api/object.ts";
import { instances as instanceResource, wellKnown } from "../../../api/scheme.ts";
import type { Instance, Process } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Informer } from "../../../machinery/informer.ts";
import { MutationCache } from "../../../machinery/mutation-cache.ts";
import { adopt } from "../adopt.ts";
import { labelValue } from "../history/revision.ts";
import { instanceName, replicaCountOf } from "./replica.ts";

export interface Claim {
  /** Their controller is this very Process. */
  owned: Stored<Instance>[];
  /** They have our label and name, and no controller: to be adopted. */
  orphans: Stored<Instance>[];
  /** They have a name that we need, and belong to another owner, as an earlier Process of the same name. */
  strangers: Stored<Instance>[];
}

export interface InstanceClaimsOptions {
  client: Client;
  clock: Clock;
  /** Made with `ownedIndexers`. */
  instances: Informer<Instance>;
}

/** Which Instances belong to a Process, as the informer shows them and as the reconciler has written them (Kubernetes' ControllerRefManager). */
export class InstanceClaims {
  readonly #options: InstanceClaimsOptions;
  readonly #written: MutationCache<Instance>;

  constructor(options: InstanceClaimsOptions) {
    this.#options = options;
    const ownerOf = (instance: Stored<Instance>): string => controllerOf(instance)?.uid ?? "";
    this.#written = new MutationCache(options.instances, options.clock, ownerOf);
  }

  /** Looks by owner, by label, and by the names that are needed. */
  of(process: Stored<Process>): Claim {
    const { lister } = this.#options.instances;
    const { name, namespace, uid } = process.metadata;
    const byOwner = this.#written.over(lister.by("owner", uid), uid);
    const found = new Map(byOwner.map((instance) => [keyOf(instance), instance]));
    for (const one of lister.by("process", makeKey(namespace, labelValue(name))))
      found.set(keyOf(one), this.#newest(one));
    for (let index = 0; index < replicaCountOf(process); index++) {
      const key = makeKey(namespace, instanceName(name, index));
      const holder = found.has(key) ? undefined : lister.get(key);
      if (holder) found.set(key, this.#newest(holder));
    }
    return claim(process, found.values());
  }

  /** Resolves with false when the Process is gone, or going. */
  async adopt(process: Stored<Process>, orphans: readonly Stored<Instance>[]): Promise<boolean> {
    const adopted = await adopt(this.#options.client, process, instanceResource, orphans);
    for (const instance of adopted ?? []) this.remember(instance);
    return adopted !== undefined;
  }

  /** The reconciler has written it. */
  remember(instance: Stored<Instance>): void {
    this.#written.remember(instance);
  }

  #newest(instance: Stored<Instance>): Stored<Instance> {
    return this.#written.get(keyOf(instance)) ?? instance;
  }
}

/** Sorts what the caches say about a Process (by owner, by label or by name) into what is its own and what is not. */
function claim(process: Stored<Process>, candidates: Iterable<Stored<Instance>>): Claim {
  const result: Claim = { owned: [], orphans: [], strangers: [] };
  for (const instance of new Set(candidates)) {
    const controller = controllerOf(instance);
    if (controller?.uid === process.metadata.uid) result.owned.push(instance);
    else if (!controller && isOrphanOf(process, instance)) result.orphans.push(instance);
    else result.strangers.push(instance);
  }
  return result;
}

/** One that runs as another account is none: its home would come to who was never given that account. */
function isOrphanOf(process: Stored<Process>, instance: Stored<Instance>): boolean {
  const { name } = process.metadata;
  return (
    instance.metadata.labels?.[wellKnown.processLabel] === labelValue(name) &&
    instance.metadata.name === instanceName(name, instance.spec.index) &&
    instance.metadata.deletionTimestamp === undefined &&
    accountOf(instance.spec) === accountOf(process.spec)
  );
}
