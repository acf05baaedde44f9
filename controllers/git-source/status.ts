import { type NewCondition, setCondition, timestamp } from "../../api/conditions.ts";
import { parseRevision, shortRevision } from "../../api/git/revision.ts";
import type { GitSource, GitSourceStatus } from "../../api/types.generated.ts";
import { historyWith } from "./applied-history.ts";
import { DEPENDENCY_CYCLE } from "./dependencies.ts";
import { HEALTH_CHECK_FAILED, PROGRESSING } from "./health/health-check.ts";
import type { Verdict } from "./health/verdict.ts";

/** What one sync of a GitSource has found, and how what it applied is since. */
export interface Outcome {
  generation: number;
  /** As the engine says it: whether everything is as the repository declares. */
  condition: Pick<NewCondition, "status" | "reason" | "message">;
  /** The revision that was looked at; absent when there was none. */
  revision: string | undefined;
  /** It stands in for a newer one that cannot be had. */
  isStandIn: boolean;
  unreachableSince: Date | undefined;
  /** It is what a suspended source is rolled back to. */
  isRollback: boolean;
  /** The value of the annotation that asked for a look, before the look. */
  reconcileAt: string | undefined;
  /** Objects that the revision declares. */
  objects: number;
  /** How that revision is, of a source that waits for it; only where it is applied. */
  health?: Verdict | undefined;
  /** For whom values are sealed that the source opens. */
  recipients: readonly string[];
}

/** Nothing goes on by itself: a person must do something. */
const STALLED = new Set(["PruneRefused", "ManifestInvalid", DEPENDENCY_CYCLE]);

/** The status that tells of it, by the rules of kstatus: Ready, Reconciling while another try is due, Stalled where only a person helps. Pure. */
export function statusOf(current: GitSource["status"], outcome: Outcome, now: Date): GitSourceStatus {
  const { generation, revision, isStandIn, unreachableSince, reconcileAt, objects, recipients } = outcome;
  const isApplied = outcome.condition.status === "True";
  const { lastAppliedRevision, lastAttemptedRevision, history = [], conditions = [] } = current ?? {};
  const applied = isApplied ? revision : lastAppliedRevision;
  const appliedWith = isApplied ? generation : current?.lastAppliedGeneration;
  const attempted = revision === undefined || isStandIn ? lastAttemptedRevision : revision;
  return {
    observedGeneration: generation,
    ...(reconcileAt === undefined ? {} : { lastHandledReconcileAt: reconcileAt }),
    ...(attempted === undefined ? {} : { lastAttemptedRevision: attempted }),
    ...(applied === undefined ? {} : { lastAppliedRevision: applied }),
    ...(appliedWith === undefined ? {} : { lastAppliedGeneration: appliedWith }),
    ...(applied === undefined ? {} : { history: isApplied ? historyWith(history, applied, now) : history }),
    ...(unreachableSince === undefined ? {} : { unreachableSince: timestamp(unreachableSince) }),
    ...(isApplied ? { objects } : current?.objects === undefined ? {} : { objects: current.objects }),
    ...(recipients.length === 0 ? {} : { recipients: [...recipients] }),
    conditions: conditionsOf(outcome, applied).reduce((all, one) => setCondition(all, one, now), conditions),
  };
}

function conditionsOf(outcome: Outcome, applied: string | undefined): NewCondition[] {
  const { generation: observedGeneration, condition } = outcome;
  const ready = readyOf(outcome, applied);
  const { reason } = ready;
  const isStalled = condition.status !== "True" && STALLED.has(reason);
  // What was applied and has failed becomes healthy by itself, or by another revision: nothing is tried again.
  const isReconciling = condition.status === "True" ? ready.status === "Unknown" : !isStalled;
  const is = (isSo: boolean): "True" | "False" => (isSo ? "True" : "False");
  return [
    { type: "Ready", ...ready, observedGeneration },
    { type: "Reconciling", status: is(isReconciling), reason, message: "", observedGeneration },
    { type: "Stalled", status: is(isStalled), reason, message: "", observedGeneration },
  ];
}

/** The condition Ready, which commit statuses and dependents go by. */
export function readyOf(
  { condition, revision, isRollback, health }: Pick<Outcome, "condition" | "revision" | "isRollback" | "health">,
  applied: string | undefined,
): Outcome["condition"] {
  const { status, reason, message } = condition;
  if (status !== "True") return { status: "False", reason, message: withRevision(message, revision, applied) };
  const done = `${isRollback ? "rolled back to" : "applied"} ${shortRevision(revision ?? "")}`;
  if (health?.state === "Failed") return { status: "False", reason: HEALTH_CHECK_FAILED, message: health.message };
  if (health?.state === "Progressing")
    return { status: "Unknown", reason: PROGRESSING, message: `${done}; ${health.message}` };
  return { status, reason: isRollback ? "RolledBack" : "Applied", message: done };
}

/** Of which revision it is said, and what stays meanwhile. */
function withRevision(message: string, revision: string | undefined, applied: string | undefined): string {
  const commit = revision === undefined || revision === applied ? undefined : parseRevision(revision)?.commit;
  return commit === undefined
    ? message
    : `${message}\n(of ${shortRevision(revision ?? "")}; ${applied ? `${shortRevision(applied)} stays` : "nothing is applied"})`;
}
