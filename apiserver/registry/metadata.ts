import type { ObjectMeta, Stored } from "../../api/object.ts";

type StoredMeta = Stored["metadata"];
/** Metadata as it goes to the Store, which stamps the resourceVersion. */
export type NewMeta = Omit<StoredMeta, "resourceVersion">;

/** What the server says of a new Object; what the client says of these fields is ignored. */
export interface CreateStamp {
  name: string;
  namespace: string | undefined;
  uid: string;
  creationTimestamp: string;
}

export function metadataForCreate(client: ObjectMeta, stamp: CreateStamp, hasGeneration: boolean): NewMeta {
  return {
    name: stamp.name,
    ...(client.generateName ? { generateName: client.generateName } : {}),
    ...(stamp.namespace === undefined ? {} : { namespace: stamp.namespace }),
    uid: stamp.uid,
    ...(hasGeneration ? { generation: 1 } : {}),
    creationTimestamp: stamp.creationTimestamp,
    ...clientFields(client),
  };
}

/** The client's labels, annotations, owners, finalizers and managedFields; everything else stays as it is stored. */
export function metadataForUpdate(current: StoredMeta, client: ObjectMeta): StoredMeta {
  const { labels, annotations, ownerReferences, finalizers, managedFields, ...system } = current;
  // A PUT without managedFields leaves them as they are.
  const managed = client.managedFields ?? managedFields;
  return { ...system, ...clientFields(managed ? { ...client, managedFields: managed } : client) };
}

/** Empty is the same as absent, and kept as absent, so that it is no change. */
function clientFields(client: ObjectMeta): Partial<ObjectMeta> {
  const { labels, annotations, ownerReferences, finalizers, managedFields } = client;
  return {
    ...(labels && Object.keys(labels).length > 0 ? { labels } : {}),
    ...(annotations && Object.keys(annotations).length > 0 ? { annotations } : {}),
    ...(ownerReferences?.length ? { ownerReferences } : {}),
    ...(finalizers?.length ? { finalizers } : {}),
    ...(managedFields ? { managedFields } : {}),
  };
}
