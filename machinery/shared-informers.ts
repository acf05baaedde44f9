import type { KubeObject, Stored } from "../api/object.ts";
import type { Resource } from "../api/scheme.ts";
import { Informer, type InformerOptions } from "./informer.ts";
import type { Indexers } from "./lister.ts";
import type { Manager } from "./manager.ts";

type Shared = Pick<InformerOptions<KubeObject>, "client" | "clock" | "logger" | "resyncMs" | "random">;

/**
 * One Informer per resource for all who want to see all of it: one watch and one cache, with everybody's indexes (client-go's
 * SharedInformerFactory). Each is added to the manager once.
 */
export class SharedInformers {
  readonly #manager: Manager;
  readonly #options: Shared;
  readonly #metadataOnly: ReadonlySet<Resource>;
  readonly #informers = new Map<Resource, Informer>();

  /** `metadataOnly`: nobody needs more than the metadata of these kinds, so their caches hold nothing else. */
  constructor(
    manager: Manager,
    { client, clock, logger, resyncMs, random, metadataOnly = [] }: Shared & { metadataOnly?: readonly Resource[] },
  ) {
    this.#manager = manager;
    this.#metadataOnly = new Set(metadataOnly);
    this.#options = {
      client,
      clock,
      logger,
      ...(resyncMs === undefined ? {} : { resyncMs }),
      ...(random ? { random } : {}),
    };
  }

  of<T extends KubeObject>(resource: Resource<T>, indexers: Indexers<T> = {}): Informer<T> {
    const known = this.#informers.get(resource as Resource) as Informer<T> | undefined;
    const informer =
      known ?? this.#manager.addInformer(new Informer({ ...this.#options, resource, ...this.#kept(resource) }));
    informer.addIndexers(indexers);
    this.#informers.set(resource as Resource, informer as unknown as Informer);
    return informer;
  }

  #kept<T extends KubeObject>(resource: Resource<T>): Pick<InformerOptions<T>, "transform"> {
    return this.#metadataOnly.has(resource as Resource) ? { transform: metadataOf } : {};
  }
}

const metadataOf = <T extends KubeObject>({ apiVersion, kind, metadata }: Stored<T>): Stored<T> =>
  ({ apiVersion, kind, metadata }) as Stored<T>;
