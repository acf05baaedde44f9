import { accountOf } from "../../../api/account-of.ts";
import { copyIdentity } from "../../../api/copy.ts";
import type { Stored } from "../../../api/object.ts";
import { wellKnown } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { NamedCopy } from "../../../runtime/homes/copy.ts";

/** The copy that an Instance is of, with the names that people know it by. */
export function copyOf(instance: Stored<Instance>): NamedCopy {
  const { uid, name, namespace = "", resourceVersion, labels } = instance.metadata;
  const copy = copyIdentity(instance);
  const revision = Number(resourceVersion);
  const account = accountOf(instance.spec);
  if (copy.owner === uid) return { ...copy, namespace, process: name, account, revision };
  const { processName: process = name.replace(/-\d+$/, "") } = instance.spec;
  const isStandIn = labels?.[wellKnown.standInLabel] !== undefined;
  return { ...copy, namespace, process, account, revision, ...(isStandIn && { standIn: true }) };
}
