import { findCondition, isTrue } from "../conditions.ts";
import type { Stored } from "../object.ts";
import type { Process } from "../types.generated.ts";
import type { HealthStatus } from "./health-status.ts";
import { rolloutState } from "./rollout-state.ts";

/** As `wctl rollout status` judges it, and after the rollout as its condition Degraded does. */
export function processHealth(process: Stored<Process>): HealthStatus {
  const { done, failed, note, held, why } = rolloutState(process);
  if (failed) return { health: "Degraded", message: why };
  if (note || held) return { health: "Suspended", message: held ? `spec.paused is true: ${why}` : why };
  if (done) return { health: "Healthy", message: why };
  return { health: failsSince(process) ? "Degraded" : "Progressing", message: why };
}

/** It was rolled out, and does not run any more. While it is rolled out, failures are what the progress deadline is for. */
function failsSince({ status }: Stored<Process>): boolean {
  const progressing = findCondition(status?.conditions, "Progressing");
  return progressing?.reason === "RolloutComplete" && isTrue(status?.conditions, "Degraded");
}
