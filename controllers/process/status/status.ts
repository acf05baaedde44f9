import { findCondition, setCondition, timestamp } from "../../../api/conditions.ts";
import { wellKnown } from "../../../api/scheme.ts";
import type { Condition, Decision, ProcessStatus } from "../../../api/types.generated.ts";
import { labelValue, revisionOf } from "../history/revision.ts";
import { isSuspended, type Replica, replicaCountOf } from "../replicas/replica.ts";
import { rollbackFrom, rollbackOf, stableRevisionOf } from "../rollout/rollback.ts";
import type { Observation, Plan } from "../situation.ts";
import { conditionsOf } from "./conditions.ts";
import { neverStarted } from "./failures.ts";

/** A smaller difference is not worth a write of the status. */
const NEXT_TRY_PRECISION_MS = 2_000;

/**
 * The whole status, made anew each time from the Instances. As for a Deployment, a rollout is complete when
 * observedGeneration >= generation and updatedReplicas = availableReplicas = replicas = spec.replicas (kubectl's `rollout status`).
 * Replicas that ended successfully count as available. updatedReplicas counts replicas of the present template, also while paused.
 */
export function statusOf(observation: Observation): ProcessStatus {
  const { process, replicas, plan, progress, now } = observation;
  const living = replicas.filter((replica) => !replica.deleting);
  const number = (is: (replica: Replica) => boolean): number => living.filter(is).length;
  const target = revisionOf(process);
  const phase = phaseOf(observation);
  const previous = process.status?.conditions ?? [];
  const conditions = conditionsOf(observation).reduce((all, one) => setCondition(all, one, now), previous);
  const stable = stableRevisionOf(process, plan.revision);
  const rollback = rollbackAfter(observation, conditions);
  return {
    ...(process.metadata.generation === undefined ? {} : { observedGeneration: process.metadata.generation }),
    replicas: living.length,
    readyReplicas: number((replica) => replica.ready),
    availableReplicas: number((replica) => replica.available),
    updatedReplicas: number((replica) => replica.revision === target),
    restartCount: living.reduce((sum, { instance }) => sum + (instance.status?.restartCount ?? 0), 0),
    selector: `${wellKnown.processLabel}=${labelValue(process.metadata.name)}`,
    ...(plan.revision === undefined ? {} : { currentRevision: plan.revision }),
    ...(stable === undefined ? {} : { stableRevision: stable }),
    ...(progress.best === undefined ? {} : { progress: progress.best }),
    ...(process.status?.content === undefined ? {} : { content: process.status.content }),
    ...(rollback === undefined ? {} : { rollback }),
    phase,
    decision: decisionOf(process.status?.decision, plan, now),
    conditions,
  };
}

/** The one in force, or the one that begins now: the next plan follows it. */
function rollbackAfter(
  { process, rollbackGoal, now }: Observation,
  conditions: Condition[],
): ProcessStatus["rollback"] {
  const progress = findCondition(conditions, "Progressing");
  if (progress?.reason !== "RollingBack" || rollbackGoal === undefined) return rollbackOf(process);
  return rollbackFrom(process, rollbackGoal, progress.message, now);
}

/** The STATUS column. The worst replica decides. What is scaled to 0 is Terminating until nothing is left. */
function phaseOf({ process, replicas }: Observation): NonNullable<ProcessStatus["phase"]> {
  if (process.metadata.deletionTimestamp) return "Terminating";
  const wanted = replicas.filter((replica) => !replica.deleting && replica.index < replicaCountOf(process));
  const some = (...phases: (string | undefined)[]): boolean =>
    wanted.some(({ instance }) => phases.includes(instance.status?.phase));
  if (replicaCountOf(process) === 0) return replicas.length === 0 ? "Stopped" : "Terminating";
  if (some("Failed")) return "Error";
  const [unstarted] = wanted.flatMap(({ instance }) => neverStarted(instance.status) ?? []);
  if (unstarted) return unstarted;
  if (some("Backoff")) return "CrashLoopBackOff";
  if (isSuspended(process) && some("Starting", "Running", "Ready", "Stopping")) return "Terminating";
  if (isSuspended(process) && some("Stopped")) return "Stopped";
  if (wanted.length < replicaCountOf(process) || some("Pending", "Starting", "Stopping", "Stopped", undefined))
    return "Pending";
  return wanted.every((replica) => replica.ended === "Succeeded") ? "Completed" : "Running";
}

function decisionOf(previous: Decision | undefined, { rule, message, wakeMs }: Plan, now: Date): Decision {
  const time = previous?.rule === rule ? previous.time : timestamp(now);
  if (wakeMs === undefined) return { rule, message, time };
  const next = now.getTime() + wakeMs;
  const told = previous?.nextTry;
  const unchanged = told !== undefined && Math.abs(Date.parse(told) - next) <= NEXT_TRY_PRECISION_MS;
  return { rule, message, time, nextTry: unchanged ? told : timestamp(new Date(next)) };
}
