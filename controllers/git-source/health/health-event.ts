import { findCondition } from "../../../api/conditions.ts";
import { shortRevision } from "../../../api/git/revision.ts";
import type { GitSource } from "../../../api/types.generated.ts";
import { HEALTH_CHECK_FAILED, PROGRESSING } from "./health-check.ts";

export interface HealthEvent {
  type: "Normal" | "Warning";
  reason: string;
  message: string;
}

/** The Event for a change of health between two statuses: that it failed, or that all is healthy after a wait. */
export function healthEvent(before: GitSource["status"], after: GitSource["status"]): HealthEvent | undefined {
  const was = findCondition(before?.conditions, "Ready");
  const is = findCondition(after?.conditions, "Ready");
  const revision = shortRevision(after?.lastAppliedRevision ?? "");
  if (is?.reason === HEALTH_CHECK_FAILED && was?.reason !== HEALTH_CHECK_FAILED)
    return { type: "Warning", reason: HEALTH_CHECK_FAILED, message: `${revision}: ${is.message}` };
  const hasWaited = was?.reason === PROGRESSING || was?.reason === HEALTH_CHECK_FAILED;
  if (is?.status === "True" && hasWaited)
    return { type: "Normal", reason: "Healthy", message: `${revision}: all that is applied is healthy` };
  return undefined;
}
