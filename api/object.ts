/** What every Object has. Conventions are Kubernetes' (API conventions, "Objects"). */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

export interface ObjectMeta {
  name: string;
  /** Absent on cluster-scoped kinds. */
  namespace?: string;
  generateName?: string;
  uid?: string;
  /** Decimal integer, global, strictly increasing over the whole store (P13). */
  resourceVersion?: string;
  /** +1 on every change outside metadata and status. */
  generation?: number;
  /** RFC 3339, seconds. */
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: unknown[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** An Object as it comes back from the API: these fields are always there. */
export type Stored<T extends KubeObject = KubeObject> = T & {
  metadata: ObjectMeta & { uid: string; resourceVersion: string; creationTimestamp: string };
};

/** `namespace/name`, or `name` for cluster-scoped kinds. Both parts are DNS-1123, so the slash is unambiguous. */
export type Key = string;

export const keyOf = (object: { metadata: { name: string; namespace?: string } }): Key =>
  object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name;

export const makeKey = (namespace: string | undefined, name: string): Key =>
  namespace ? `${namespace}/${name}` : name;

export function splitKey(key: Key): { namespace?: string; name: string } {
  const slash = key.indexOf("/");
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The reference that makes `owner` responsible for an Object: the garbage collector deletes the Object after it. */
export const controllerReference = (owner: Stored): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});

export const controllerOf = (object: KubeObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((reference) => reference.controller);
