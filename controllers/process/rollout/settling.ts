import type { Stored } from "../../../api/object.ts";
import type { Instance, ProcessSpec } from "../../../api/types.generated.ts";

/** A copy that has failed must be ready for so long before it counts as available, if minReadySeconds does not ask for more. */
const AFTER_FAILURE_SECONDS = 10;

export const hasFailed = ({ status }: Stored<Instance>): boolean => (status?.backoff?.failures ?? 0) > 0;

/**
 * Seconds that a copy must be ready to count as available. Without a readiness probe a program that ends every second is ready every second: that
 * is no progress of a rollout. Less than the deadline, so that one failure does not use all of it up.
 */
export function neededReadySeconds(spec: ProcessSpec, instance: Stored<Instance>): number {
  const { minReadySeconds = 0, progressDeadlineSeconds = 600 } = spec;
  if (!hasFailed(instance)) return minReadySeconds;
  return Math.max(minReadySeconds, Math.min(AFTER_FAILURE_SECONDS, progressDeadlineSeconds / 2));
}
