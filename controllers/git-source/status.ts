import { type NewCondition, setCondition, timestamp } from "../../api/conditions.ts";
import { parseRevision, shortRevision } from "../../api/git/revision.ts";
import type { GitSource, GitSourceStatus } from "../../api/types.generated.ts";
import { historyWith } from "./applied-history.ts";
import { DEPENDENCY_CYCLE } from "./dependencies.ts";

/** What one sync of a GitSource has found. */
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
  /** For whom values are sealed that the source opens. */
  recipients: readonly string[];
}

/** Nothing goes on by itself: a person must do something. */
const STALLED = new Set(["PruneRefused", "ManifestInvalid", DEPENDENCY_CYCLE]);

/** The status that tells of it, by the rules of kstatus: Ready, Reconciling while another try is due, Stalled where only a person helps. Pure. */
export function statusOf(current: GitSource["status"], outcome: Outcome, now: Date): GitSourceStatus {
  const { generation, revision, isStandIn, unreachableSince, reconcileAt, objects, recipients } = outcome;
  const isReady = outcome.condition.status === "True";
  const { lastAppliedRevision, lastAttemptedRevision, history = [], conditions = [] } = current ?? {};
  const applied = isReady ? revision : lastAppliedRevision;
  const appliedWith = isReady ? generation : current?.lastAppliedGeneration;
  const attempted = revision === undefined || isStandIn ? lastAttemptedRevision : revision;
  return {
    observedGeneration: generation,
    ...(reconcileAt === undefined ? {} : { lastHandledReconcileAt: reconcileAt }),
    ...(attempted === undefined ? {} : { lastAttemptedRevision: attempted }),
    ...(applied === undefined ? {} : { lastAppliedRevision: applied }),
    ...(appliedWith === undefined ? {} : { lastAppliedGeneration: appliedWith }),
    ...(applied === undefined ? {} : { history: isReady ? historyWith(history, applied, now) : history }),
    ...(unreachableSince === undefined ? {} : { unreachableSince: timestamp(unreachableSince) }),
    ...(isReady ? { objects } : current?.objects === undefined ? {} : { objects: current.objects }),
    ...(recipients.length === 0 ? {} : { recipients: [...recipients] }),
    conditions: conditionsOf(outcome, applied).reduce((all, one) => setCondition(all, one, now), conditions),
  };
}

function conditionsOf(
  { generation, condition, revision, isRollback }: Outcome,
  applied: string | undefined,
): NewCondition[] {
  const observedGeneration = generation;
  const { status, reason, message } = condition;
  const isStalled = STALLED.has(reason);
  const ready: NewCondition =
    status === "True"
      ? {
          type: "Ready",
          status,
          reason: isRollback ? "RolledBack" : "Applied",
          message: `${isRollback ? "rolled back to" : "applied"} ${shortRevision(revision ?? "")}`,
          observedGeneration,
        }
      : {
          type: "Ready",
          status: "False",
          reason,
          message: withRevision(message, revision, applied),
          observedGeneration,
        };
  const is = (isSo: boolean): "True" | "False" => (isSo ? "True" : "False");
  return [
    ready,
    {
      type: "Reconciling",
      status: is(status !== "True" && !isStalled),
      reason: ready.reason,
      message: "",
      observedGeneration,
    },
    { type: "Stalled", status: is(isStalled), reason: ready.reason, message: "", observedGeneration },
  ];
}

/** Of which revision it is said, and what stays meanwhile. */
function withRevision(message: string, revision: string | undefined, applied: string | undefined): string {
  const commit = revision === undefined || revision === applied ? undefined : parseRevision(revision)?.commit;
  return commit === undefined
    ? message
    : `${message}\n(of ${shortRevision(revision ?? "")}; ${applied ? `${shortRevision(applied)} stays` : "nothing is applied"})`;
}
