import type { Client } from "../../../api/client.ts";
import { isConflict } from "../../../api/errors.ts";
import type { Stored } from "../../../api/object.ts";
import { nodes } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { removeFinalizer } from "../writes.ts";

/**
 * A deleted Instance whose node does not exist (any more) waits for an agent that will never come. Its finalizer is removed, as
 * Kubernetes' pod garbage collector does. If its processes run here after all, the search for orphans finds them.
 */
export async function releaseOfLostNodes(
  { client, runtime }: { client: Client; runtime: Runtime },
  all: readonly Stored<Instance>[],
): Promise<void> {
  const waiting = all.filter(({ metadata }) => metadata.deletionTimestamp && !runtime.get(metadata.uid));
  if (waiting.length === 0) return;
  const { items } = await client.list(nodes);
  const present = new Set(items.map(({ metadata }) => metadata.name));
  for (const instance of waiting) {
    if (present.has(instance.spec.nodeName)) continue;
    // If somebody changed it meanwhile, the next walk tries again.
    await removeFinalizer(client, instance).catch((error: unknown) => {
      if (!isConflict(error)) throw error;
    });
  }
}
