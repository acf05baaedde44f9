import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";
import type { SharedInformer } from "../../../machinery/informer.ts";
import type { HomeOwner, Homes } from "../../../runtime/homes/homes.ts";

/**
 * Keeps noted which homes outlive their Process. It is noted when the Process is first seen, before it has a copy: when the homes are judged, the Process
 * may be gone, and nobody else knows. Returns the unsubscription.
 */
export function followRetention(processes: Pick<SharedInformer<Process>, "on">, homes: Homes): () => void {
  return processes.on(({ type, object, previous }) => {
    if (type === "Deleted") return;
    const outlives = isOutlived(object);
    // Most have never said it, and nothing is looked up for them.
    if (outlives || (previous && isOutlived(previous))) homes.setOutliving(ownerOf(object), outlives);
  });
}

const isOutlived = ({ spec }: Process): boolean => spec.stateRetentionPolicy?.whenDeleted === "Retain";

const ownerOf = ({ metadata: { uid, namespace = "", name } }: Stored<Process>): HomeOwner => ({
  owner: uid,
  namespace,
  process: name,
});
