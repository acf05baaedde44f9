import { makeKey } from "../../../api/object.ts";
import { instances, nodes, type Resource, secrets, serviceAccounts } from "../../../api/scheme.ts";
import type { ObjectKind } from "../../authentication/service-account-tokens.ts";
import type { StoreRegistry } from "../../registry/store-registry.ts";

/** What tokens name. A Pod is an Instance by another name, with the same uid. */
const resources: Readonly<Record<ObjectKind, Resource>> = {
  ServiceAccount: serviceAccounts as unknown as Resource,
  Pod: instances as unknown as Resource,
  Secret: secrets as unknown as Resource,
  Node: nodes as unknown as Resource,
};

/** The uid of what is there, as tokens ask for it. What is on its way out counts as gone, but for a Pod: its program may need its token to come to an end. */
export function uidsIn(registry: Pick<StoreRegistry, "stored">) {
  const storages = new Map(Object.entries(resources).map(([kind, resource]) => [kind, registry.stored(resource)]));
  return (kind: ObjectKind, namespace: string, name: string): string | undefined => {
    const key = makeKey(resources[kind].namespaced ? namespace : undefined, name);
    const metadata = storages.get(kind)?.find(key)?.metadata;
    return metadata?.deletionTimestamp === undefined || kind === "Pod" ? metadata?.uid : undefined;
  };
}
