import type { Client } from "../../api/client.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import { controllerReference, type KubeObject, keyOf, type Stored } from "../../api/object.ts";
import { processes, type Resource } from "../../api/scheme.ts";
import type { Process } from "../../api/types.generated.ts";

/**
 * Makes a Process the controller of Objects that have none. As Kubernetes does, it asks the API first whether that Process still exists and is not
 * being deleted; undefined when it is gone or going. An Object that has changed since it was read is left to the next reconcile.
 */
export async function adopt<T extends KubeObject>(
  client: Client,
  process: Stored<Process>,
  resource: Resource<T>,
  orphans: readonly Stored<T>[],
): Promise<Stored<T>[] | undefined> {
  const fresh = await client.get(processes, keyOf(process)).catch(undefinedWhenGone);
  if (fresh?.metadata.uid !== process.metadata.uid || fresh.metadata.deletionTimestamp) return undefined;
  const adopted: Stored<T>[] = [];
  for (const orphan of orphans) {
    const { uid, resourceVersion, ownerReferences = [] } = orphan.metadata;
    const owners = [...ownerReferences, controllerReference(process)];
    const body = { metadata: { uid, resourceVersion, ownerReferences: owners } };
    const one = await client.patch(resource, keyOf(orphan), { type: "merge", body }).catch(undefinedWhenGone);
    if (one) adopted.push(one);
  }
  return adopted;
}

/** It is gone, or somebody changed it: its own event brings the key back. */
export function undefinedWhenGone(error: unknown): undefined {
  if (isNotFound(error) || isConflict(error)) return undefined;
  throw error;
}
