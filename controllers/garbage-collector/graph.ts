import { type Key, type KubeObject, keyOf, makeKey, type OwnerReference, type Stored } from "../../api/object.ts";
import { apiVersionOf, type Resource } from "../../api/scheme.ts";
import type { SharedInformer } from "../../machinery/informer.ts";

/** Indexers for every informer that the garbage collector reads. The names differ from those of others who share an informer. */
export const graphIndexers = {
  uid: ({ metadata }: Stored): string[] => [metadata.uid],
  /** By the uid of every owner, controlling or not. */
  anyOwner: ({ metadata }: Stored): string[] => (metadata.ownerReferences ?? []).map(({ uid }) => uid),
};

/** An Object and its resource. */
export interface Item {
  resource: Resource;
  object: Stored;
}

/** What says that an Object owns it, and means this one. */
export interface Dependent extends Item {
  /** Does a foreground deletion of the owner wait for it? */
  blocks: boolean;
}

/** Which Object owns which, according to the caches. */
export class Graph {
  readonly #informers = new Map<string, SharedInformer>();

  /** Informers of any resources, made with `graphIndexers`. */
  constructor(informers: readonly SharedInformer[]) {
    for (const informer of informers) this.#informers.set(idOf(informer.resource), informer);
  }

  get informers(): readonly SharedInformer[] {
    return [...this.#informers.values()];
  }

  /** The key of an Object in the work queue: `processes.wctl.dev/default/web`. */
  itemKey(resource: Resource, object: KubeObject): Key {
    return `${idOf(resource)}/${keyOf(object)}`;
  }

  item(key: Key): Item | undefined {
    const slash = key.indexOf("/");
    const informer = this.#informers.get(key.slice(0, slash));
    const object = informer?.lister.get(key.slice(slash + 1));
    return informer && object ? { resource: informer.resource, object } : undefined;
  }

  /** The uid alone is no proof: who can read it in another namespace must not hold up, or be collected with, what is there. */
  dependentsOf(owner: Item): Dependent[] {
    return this.informers.flatMap(({ resource, lister }) =>
      lister.by("anyOwner", owner.object.metadata.uid).flatMap((object) => {
        const reference = object.metadata.ownerReferences?.find((one) => means(one, object, owner));
        return reference ? [{ resource, object, blocks: reference.blockOwnerDeletion === true }] : [];
      }),
    );
  }

  /** The resource and key that an owner reference names; undefined for an unknown kind, and where something without a namespace names an owner in one. */
  locate(reference: OwnerReference, from: KubeObject): { resource: Resource; key: Key } | undefined {
    const informer = this.informers.find(
      ({ resource }) => resource.kind === reference.kind && apiVersionOf(resource) === reference.apiVersion,
    );
    if (!informer || (informer.resource.namespaced && from.metadata.namespace === undefined)) return undefined;
    const namespace = informer.resource.namespaced ? from.metadata.namespace : undefined;
    return { resource: informer.resource, key: makeKey(namespace, reference.name) };
  }

  /** The owner itself, if it is in a cache. */
  ownerOf(reference: OwnerReference, from: KubeObject): Stored | undefined {
    const place = this.locate(reference, from);
    const found = place && this.#informers.get(idOf(place.resource))?.lister.get(place.key);
    return found?.metadata.uid === reference.uid ? found : undefined;
  }
}

/** An owner is in the namespace of its dependent, or in none, and everything that the reference says of it is so. */
function means(reference: OwnerReference, from: KubeObject, { resource, object }: Item): boolean {
  const { uid, name, namespace } = object.metadata;
  return (
    reference.uid === uid &&
    reference.name === name &&
    reference.kind === resource.kind &&
    reference.apiVersion === apiVersionOf(resource) &&
    (namespace === undefined || namespace === from.metadata.namespace)
  );
}

const idOf = ({ plural, group }: Resource): string => (group ? `${plural}.${group}` : plural);
