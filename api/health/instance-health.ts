import { findCondition } from "../conditions.ts";
import type { Stored } from "../object.ts";
import type { Instance, InstanceStatus } from "../types.generated.ts";
import type { Health, HealthStatus } from "./health-status.ts";

const BY_PHASE: Readonly<Record<NonNullable<InstanceStatus["phase"]>, Health>> = {
  Pending: "Progressing",
  Starting: "Progressing",
  Running: "Progressing",
  Ready: "Healthy",
  Backoff: "Degraded",
  Stopping: "Progressing",
  Stopped: "Suspended",
  Succeeded: "Healthy",
  Failed: "Degraded",
};

/** As Argo CD judges a Pod: one that waits after a failure is Degraded, although it is tried again. */
export function instanceHealth({ status }: Stored<Instance>): HealthStatus {
  if (!status?.phase) return { health: "Progressing", message: "it is not observed yet" };
  const { waiting } = status.state ?? {};
  const message = waiting?.message || findCondition(status.conditions, "Ready")?.message || "";
  // It waits for something else than its turn: a Secret that is not there.
  const isHeld = status.phase === "Pending" && waiting !== undefined && waiting.reason !== "NotStarted";
  return { health: isHeld ? "Degraded" : (BY_PHASE[status.phase] ?? "Progressing"), message };
}
