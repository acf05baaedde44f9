import type { KubeObject, Stored } from "../object.ts";
import type { Condition, GitSource, Instance, Process } from "../types.generated.ts";
import { conditionHealth } from "./condition-health.ts";
import type { HealthStatus } from "./health-status.ts";
import { instanceHealth } from "./instance-health.ts";
import { processHealth } from "./process-health.ts";

/**
 * How an Object is, by what its status says. As kstatus has it (sigs.k8s.io/cli-utils/pkg/kstatus): what is being deleted, and what was observed before its
 * last change, is on the way; what has no status is as it should be when it is there.
 */
export function healthOf(object: Stored): HealthStatus {
  const { deletionTimestamp, generation = 0 } = object.metadata;
  if (deletionTimestamp) return { health: "Progressing", message: "it is being deleted" };
  const { observedGeneration, conditions } = statusOf(object);
  if (observedGeneration !== undefined && observedGeneration < generation)
    return { health: "Progressing", message: "the change is not observed yet" };
  switch (object.kind) {
    case "Process":
      return processHealth(object as Stored<Process>);
    case "Instance":
      return instanceHealth(object as Stored<Instance>);
    case "GitSource":
      if ((object as Stored<GitSource>).spec.suspend) return { health: "Suspended", message: "spec.suspend is true" };
      return conditionHealth(conditions ?? []);
    case "Node":
      return conditionHealth(conditions ?? []);
    default:
      return conditions ? conditionHealth(conditions) : { health: "Healthy", message: "" };
  }
}

const statusOf = (object: KubeObject): { observedGeneration?: number; conditions?: Condition[] } =>
  (object as { status?: object }).status ?? {};
