import type { Stored } from "../../../api/object.ts";
import type { Instance, Pod } from "../../../api/types.generated.ts";
import { podSpecOf } from "./pod-spec.ts";
import { podStatusOf } from "./pod-status.ts";

/**
 * An Instance as a Pod. Both are the same thing under two names: uid, resourceVersion, labels and owners are those of the Instance. What counts
 * changes of the Instance's own fields, or says who wrote them, would be wrong of a Pod. `address`: of its node. Pure.
 */
export function podOf(instance: Stored<Instance>, address: string | undefined): Stored<Pod> {
  const { generation: _, managedFields: _m, ...metadata } = instance.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: podSpecOf(instance.spec),
    status: podStatusOf(instance, address),
  };
}
