import type { KubeObject, Stored } from "../api/object.ts";
import type { Resource } from "../api/scheme.ts";
import { Informer, type InformerOptions } from "./informer.ts";
import type { Indexers } from "./lister.ts";
import type { Manager } from "./manager.ts";

/** The part of an Object that is kept. */
export type Keep = (object: Stored) => Stored;

type Shared = Pick<InformerOptions<KubeObject>, "client" | "clock" | "logger" | "resyncMs" | "random">;

/**
 * One Informer per resource for all who want to see all of it: one watch and one cache, with everybody's indexes (client-go's
 * SharedInformerFactory). Each is added to the manager once.
 */
export class SharedInformers {
  readonly #manager: Manager;
  readonly #options: Shared;
  readonly #kept: ReadonlyMap<Resource, Keep>;
  readonly #informers = new Map<Resource, Informer>();

  /** `kept`: what nobody needs more of than this; their caches hold nothing else. */
  constructor(
    manager: Manager,
    { client, clock, logger, resyncMs, random, kept = new Map() }: Shared & { kept?: ReadonlyMap<Resource, Keep> },
  ) {
    this.#manager = manager;
    this.#kept = kept;
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
      known ?? this.#manager.addInformer(new Informer({ ...this.#options, resource, ...this.#transform(resource) }));
    informer.addIndexers(indexers);
    this.#informers.set(resource as Resource, informer as unknown as Informer);
    return informer;
  }

  #transform<T extends KubeObject>(resource: Resource<T>): Pick<InformerOptions<T>, "transform"> {
    const keep = this.#kept.get(resource as Resource);
    return keep ? { transform: keep as unknown as (object: Stored<T>) => Stored<T> } : {};
  }
}
