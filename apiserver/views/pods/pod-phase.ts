import type { Instance, InstanceStatus, PodStatus } from "../../../api/types.generated.ts";

export type PodPhase = PodStatus["phase"];

/** Undefined: it depends on whether the program has run at all. */
const phases = {
  Pending: "Pending",
  Starting: undefined,
  Running: "Running",
  Ready: "Running",
  Backoff: undefined,
  Stopping: "Running",
  Stopped: "Pending",
  Succeeded: "Succeeded",
  Failed: "Failed",
} as const satisfies Record<NonNullable<InstanceStatus["phase"]>, PodPhase | undefined>;

/**
 * Kubernetes has fewer phases: a Pod is Running from its first run on, also while it waits for the next (CrashLoopBackOff), and Pending as long as
 * nothing could be started. What is kept stopped waits for its start.
 */
export function podPhaseOf({ status: { phase = "Pending", state, lastState } = {} }: Instance): PodPhase {
  const hasRun = state?.running ?? state?.terminated ?? lastState?.terminated;
  return phases[phase] ?? (hasRun ? "Running" : "Pending");
}
