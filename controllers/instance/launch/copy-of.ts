import { copyIdentity } from "../../../api/copy.ts";
import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { NamedCopy } from "../../../runtime/homes/copy.ts";

/** The copy that an Instance is of, with the names that people know it by. */
export function copyOf(instance: Stored<Instance>): NamedCopy {
  const { uid, name, namespace = "", resourceVersion } = instance.metadata;
  const copy = copyIdentity(instance);
  const { processName = name.replace(/-\d+$/, "") } = instance.spec;
  const process = copy.owner === uid ? name : processName;
  return { ...copy, namespace, process, revision: Number(resourceVersion) };
}
