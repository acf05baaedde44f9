import type { Client } from "../../../api/client.ts";
import { referencesOf } from "../../../api/instance-references.ts";
import { type Key, keyOf, makeKey, type Stored } from "../../../api/object.ts";
import { configMaps, secrets } from "../../../api/scheme.ts";
import type { ConfigMap, Instance, Secret } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { Manager } from "../../../machinery/manager.ts";
import { ReferencedObjects } from "../../../machinery/referenced-objects.ts";
import type { Sources } from "./files-of.ts";

export interface InstanceSourcesOptions {
  client: Client;
  clock: Clock;
  logger: Logger;
  resyncMs?: number;
  random: () => number;
}

/** The Secrets and ConfigMaps that the Instances of this node name, each watched by its name as long as one of them does. */
export class InstanceSources implements Sources {
  readonly secrets: ReferencedObjects<Secret>;
  readonly configMaps: ReferencedObjects<ConfigMap>;

  constructor(options: InstanceSourcesOptions) {
    this.secrets = new ReferencedObjects({ ...options, resource: secrets });
    this.configMaps = new ReferencedObjects({ ...options, resource: configMaps });
  }

  get size(): number {
    return this.secrets.size + this.configMaps.size;
  }

  register(manager: Manager): void {
    manager.addInformer(this.secrets);
    manager.addInformer(this.configMaps);
  }

  /** `changed` is told by which of the `referenceKeys` a Secret or ConfigMap that changed is named. */
  on(changed: (reference: string) => void): void {
    this.secrets.on(({ object }) => changed(secretReference(keyOf(object))));
    this.configMaps.on(({ object }) => changed(configMapReference(keyOf(object))));
  }

  /** An Instance as it is now. */
  refer({ metadata: { uid, namespace }, spec }: Stored<Instance>): void {
    const references = referencesOf(spec);
    this.secrets.refer(uid, keysIn(namespace, references.secrets));
    this.configMaps.refer(uid, keysIn(namespace, references.configMaps));
  }

  /** An Instance that is gone. */
  release({ metadata: { uid } }: Stored<Instance>): void {
    this.secrets.refer(uid, new Set());
    this.configMaps.refer(uid, new Set());
  }

  /** Undefined when it is known of all that the Instance names whether it is there; otherwise resolves when it is. */
  awaited({ metadata: { uid } }: Stored<Instance>): Promise<unknown> | undefined {
    const waits = [this.secrets.awaited(uid), this.configMaps.awaited(uid)].filter((wait) => wait !== undefined);
    return waits.length === 0 ? undefined : Promise.all(waits);
  }
}

/** For an index of Instances by what they name. */
export function referenceKeys({ metadata: { namespace }, spec }: Stored<Instance>): string[] {
  const references = referencesOf(spec);
  return [
    ...Array.from(references.secrets, (name) => secretReference(makeKey(namespace, name))),
    ...Array.from(references.configMaps, (name) => configMapReference(makeKey(namespace, name))),
  ];
}

const secretReference = (key: Key): string => `${secrets.plural}/${key}`;
const configMapReference = (key: Key): string => `${configMaps.plural}/${key}`;

const keysIn = (namespace: string | undefined, names: ReadonlySet<string>): Set<Key> =>
  new Set(Array.from(names, (name) => makeKey(namespace, name)));
