import { findCondition } from "../../../api/conditions.ts";
import type { Stored } from "../../../api/object.ts";
import type { Process, ProcessStatus } from "../../../api/types.generated.ts";
import { sameJson } from "../../../lib/same-json.ts";
import { enumerate } from "../../../lib/wording.ts";
import type { EventRecorder } from "../../../machinery/event-recorder.ts";
import type { Performed } from "../perform.ts";

/** Rules whose beginning is worth an Event; the others show in status only. */
const told: Record<string, "Normal" | "Warning"> = {
  WaitingForDependency: "Normal",
  DependencyCycle: "Warning",
  DependencyFailed: "Warning",
  NameTaken: "Warning",
  Failed: "Warning",
  Completed: "Normal",
  Suspended: "Normal",
  Resumed: "Normal",
};

/** Reasons of Progressing that ask for a person. */
const FAILED = new Set(["ProgressDeadlineExceeded", "RollbackFailed"]);

/** Records as Events what was done. */
export function reportSteps(
  recorder: EventRecorder,
  process: Stored<Process>,
  status: ProcessStatus,
  { created, deleted, gone, refusal }: Performed,
): void {
  const removed = [...deleted, ...gone];
  const names = (of: Performed["created"]): string => enumerate(of.map((instance) => instance.metadata.name));
  if (created.length > 0) recorder.event(process, "Normal", "InstancesCreated", `created ${names(created)}`);
  if (removed.length > 0) {
    recorder.event(process, "Normal", "InstancesDeleted", `deleted ${names(removed)}: ${status.decision?.message}`);
  }
  if (refusal !== undefined) recorder.event(process, "Warning", "StepRefused", refusal);
}

/** Records as Events what is new since the last status. */
export function reportStatus(recorder: EventRecorder, process: Stored<Process>, status: ProcessStatus): void {
  reportRule(recorder, process, status);
  reportDeadline(recorder, process, status);
  reportRollback(recorder, process, status);
}

function reportRule(recorder: EventRecorder, process: Stored<Process>, { decision }: ProcessStatus): void {
  const type = decision && told[decision.rule];
  if (!type || decision.rule === process.status?.decision?.rule) return;
  recorder.event(process, type, decision.rule, decision.message);
}

function reportDeadline(recorder: EventRecorder, process: Stored<Process>, status: ProcessStatus): void {
  const before = findCondition(process.status?.conditions, "Progressing");
  const after = findCondition(status.conditions, "Progressing");
  if (!after || !FAILED.has(after.reason) || before?.reason === after.reason) return;
  recorder.event(process, "Warning", after.reason, after.message);
}

function reportRollback(recorder: EventRecorder, process: Stored<Process>, { rollback }: ProcessStatus): void {
  if (!rollback || sameJson(rollback, process.status?.rollback)) return;
  const { from, to, message } = rollback;
  recorder.event(process, "Warning", "RolledBack", `revision ${from} is rolled back to ${to}: ${message}`);
}
