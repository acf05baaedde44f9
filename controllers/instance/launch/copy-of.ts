import { controllerOf, type Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { NamedCopy } from "../../../runtime/homes/copy.ts";

/** The copy that an Instance is of; one without a Process is the only copy of itself. */
export function copyOf(instance: Stored<Instance>): NamedCopy {
  const { uid, name, namespace = "", resourceVersion } = instance.metadata;
  const revision = Number(resourceVersion);
  const owner = controllerOf(instance)?.uid;
  if (owner === undefined) return { owner: uid, index: 0, namespace, process: name, revision };
  const { index, processName = name.replace(/-\d+$/, "") } = instance.spec;
  return { owner, index, namespace, process: processName, revision };
}
