import { type Key, keyOf } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { InformerEvent } from "../../../machinery/informer.ts";
import type { InstanceSources } from "./instance-sources.ts";

/**
 * Keeps `sources` to what the Instances name. When something that an Instance names is not known yet, `enqueue` is called once it is known
 * whether it exists: the Instance is reconciled only then.
 */
export function followReferences(
  { type, object, previous }: InformerEvent<Instance>,
  sources: Pick<InstanceSources, "refer" | "release" | "awaited">,
  enqueue: (key: Key) => void,
): void {
  if (type === "Deleted") sources.release(object);
  if (type === "Deleted" || object.spec === previous?.spec) return;
  sources.refer(object);
  void sources.awaited(object)?.then(() => enqueue(keyOf(object)));
}
