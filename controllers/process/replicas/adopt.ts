import type { Client } from "../../../api/client.ts";
import { isConflict, isNotFound } from "../../../api/errors.ts";
import { controllerReference, type KubeObject, keyOf, type Stored } from "../../../api/object.ts";
import { processes, type Resource } from "../../../api/scheme.ts";
import type { Process } from "../../../api/types.generated.ts";

/**
 * Gives Objects that have no controller to a Process. As Kubernetes adopts: only after the API itself said that the owner is still this one
 * and stays; undefined when it is not. What changed meanwhile is left for the next look.
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

/** Gone, or another one by now: its own events bring the key back. */
export function undefinedWhenGone(error: unknown): undefined {
  if (isNotFound(error) || isConflict(error)) return undefined;
  throw error;
}
