import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";

export interface RolloutState {
  /** Nothing more to wait for: rolled out, or failed. */
  done: boolean;
  failed: boolean;
  message: string;
  /** Why it is not ready, in the controller's words. */
  because?: string;
}

/** How far a rollout is, in the words of `kubectl rollout status` for deployments (kubectl `pkg/polymorphichelpers/rollout_status.go`). */
export function rolloutState(process: Stored<Process>): RolloutState {
  const { metadata, status } = process;
  const going = (message: string): RolloutState => ({ done: false, failed: false, message });
  if ((metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) {
    return going("Waiting for process spec update to be observed...");
  }
  const progressing = status?.conditions?.find((condition) => condition.type === "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") {
    return { done: true, failed: true, message: `process "${metadata.name}" exceeded its progress deadline` };
  }
  const waiting = waitingFor(process);
  if (waiting) {
    const ready = status?.conditions?.find((condition) => condition.type === "Ready" && condition.status !== "True");
    const words = `Waiting for process "${metadata.name}" rollout to finish: ${waiting}...`;
    return { ...going(words), ...(ready?.message ? { because: ready.message } : {}) };
  }
  return { done: true, failed: false, message: `process "${metadata.name}" successfully rolled out` };
}

function waitingFor({ spec, status }: Stored<Process>): string | undefined {
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status ?? {};
  const wanted = spec.replicas ?? 1;
  if (updatedReplicas < wanted) return `${updatedReplicas} out of ${wanted} new replicas have been updated`;
  if (replicas > updatedReplicas) return `${replicas - updatedReplicas} old replicas are pending termination`;
  if (status?.phase === "Completed") return undefined;
  if (availableReplicas < updatedReplicas) {
    return `${availableReplicas} of ${updatedReplicas} updated replicas are available`;
  }
  return undefined;
}
