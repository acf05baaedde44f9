import { findCondition, isTrue } from "../conditions.ts";
import type { Condition } from "../types.generated.ts";
import type { HealthStatus } from "./health-status.ts";

/**
 * What has the conditions of kstatus: Ready, Reconciling, Stalled. kstatus takes `Ready=False` for on the way, because other controllers say it from the
 * beginning; ours say Reconciling while another try is due, so without that it has failed.
 */
export function conditionHealth(conditions: readonly Condition[]): HealthStatus {
  const ready = findCondition(conditions, "Ready");
  const message = ready?.message || findCondition(conditions, "Stalled")?.message || "";
  if (isTrue(conditions, "Stalled")) return { health: "Degraded", message };
  if (isTrue(conditions, "Reconciling")) return { health: "Progressing", message };
  if (!ready) return { health: "Progressing", message: "it is not observed yet" };
  if (ready.status === "Unknown") return { health: "Progressing", message };
  return { health: ready.status === "True" ? "Healthy" : "Degraded", message };
}
