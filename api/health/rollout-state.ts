import type { Stored } from "../object.ts";
import type { Condition, Process } from "../types.generated.ts";

export interface RolloutState {
  /** Nothing more to wait for: rolled out, or failed. */
  done: boolean;
  failed: boolean;
  message: string;
  /** It is done, but not as somebody may expect who asked for no words: the message is told all the same. */
  note?: boolean;
  /** It is paused and all its copies run, not all with the new template: for who has not asked for a rollout nothing more is to come. */
  held?: boolean;
  /** The same without kubectl's frame, and with what holds it up: for the moving line of a terminal. */
  progress: string;
  /** What holds it up, or how it ended, alone: for who says the name himself. */
  why: string;
}

/** Rules under which nothing moves before somebody changes something. */
const STALLING_RULES = new Set(["Failed", "DependencyFailed", "DependencyCycle"]);

/** How far a rollout is, in the words of `kubectl rollout status` for deployments (kubectl `pkg/polymorphichelpers/rollout_status.go`). */
export function rolloutState(process: Stored<Process>): RolloutState {
  const { metadata, status } = process;
  const { name } = metadata;
  if ((metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) {
    const message = "Waiting for process spec update to be observed...";
    const why = "the change is not observed yet";
    return { done: false, failed: false, message, progress: `${name}: ${why}`, why };
  }
  const condition = (type: string) => status?.conditions?.find((one) => one.type === type);
  const stopped = stoppedState(process);
  if (stopped) return stopped;
  const progressing = condition("Progressing");
  const failure = failureOf(name, progressing);
  if (failure !== undefined)
    return {
      done: true,
      failed: true,
      message: failure,
      progress: failure,
      why: inOneLine(progressing?.message ?? ""),
    };
  const waiting = waitingFor(process);
  const ready = condition("Ready");
  if (waiting === undefined) {
    const message = `process "${name}" successfully rolled out`;
    return { done: true, failed: false, message, progress: message, why: inOneLine(ready?.message ?? "") };
  }
  const { decision } = status ?? {};
  const failed = STALLING_RULES.has(decision?.rule ?? "")
    ? { reason: decision?.rule, message: decision?.message }
    : undefined;
  const stalled = condition("Stalled")?.status === "True" ? condition("Stalled") : failed;
  if (stalled) {
    const why = inOneLine(stalled.message ?? "");
    const message = `process "${name}" cannot be rolled out as things are (${stalled.reason}): ${why}`;
    return { done: true, failed: true, message, progress: message, why };
  }
  const because = ready && ready.status !== "True" ? ` (${inOneLine(ready.message)})` : "";
  const why = `${waiting}${because}`;
  const message = `Waiting for process "${name}" rollout to finish: ${waiting}...`;
  const held = process.spec.paused === true && ready?.status === "True";
  return { done: false, failed: false, message, progress: `${name}: ${why}`, why, ...(held && { held }) };
}

/** Why it will not be rolled out before somebody changes something, in the sentence of its condition. */
function failureOf(name: string, progressing: Condition | undefined): string | undefined {
  switch (progressing?.reason) {
    case "ProgressDeadlineExceeded":
      return `process "${name}" exceeded its progress deadline: ${inOneLine(progressing.message)}`;
    case "RolledBack":
    case "RollbackFailed":
      return `process "${name}" is not rolled out: ${inOneLine(progressing.message)}`;
    default:
      return undefined;
  }
}

/**
 * A stopped Process is rolled out when its copies have the new template and have stopped: nothing else comes before it is started. While it is paused or
 * rolled back they keep the template that they have.
 */
function stoppedState({ metadata: { name }, spec, status }: Stored<Process>): RolloutState | undefined {
  if (!spec.suspend || spec.replicas === 0) return undefined;
  const copies = spec.paused || status?.rollback ? undefined : waitingForCopies(spec, status);
  const stopping = copies ?? (status?.phase === "Terminating" ? "it is stopping" : undefined);
  if (stopping !== undefined) {
    const message = `Waiting for process "${name}" to stop: ${stopping}...`;
    return { done: false, failed: false, message, progress: `${name}: ${stopping}`, why: stopping };
  }
  const message = `process "${name}" is stopped (spec.suspend is true); "wctl start process/${name}" starts it`;
  return { done: true, failed: false, message, note: true, progress: message, why: "spec.suspend is true" };
}

function waitingFor({ spec, status }: Stored<Process>): string | undefined {
  const { updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  const copies = waitingForCopies(spec, status);
  if (copies !== undefined) return spec.paused ? `${copies}, and it is paused` : copies;
  if (status?.phase === "Completed") return undefined;
  if (availableReplicas < updatedReplicas) {
    return `${availableReplicas} of ${updatedReplicas} updated replicas are available`;
  }
  return undefined;
}

function waitingForCopies(spec: Process["spec"], status: Process["status"]): string | undefined {
  const { updatedReplicas = 0, replicas = 0 } = status ?? {};
  const wanted = spec.replicas ?? 1;
  if (updatedReplicas < wanted) return `${updatedReplicas} out of ${wanted} new replicas have been updated`;
  return replicas > updatedReplicas ? `${replicas - updatedReplicas} old replicas are pending termination` : undefined;
}

const inOneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, " ");
