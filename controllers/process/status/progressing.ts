import { findCondition, type NewCondition } from "../../../api/conditions.ts";
import { count } from "../../../lib/wording.ts";
import { STALLING_RULES } from "../dependencies/dependencies.ts";
import { revisionOf } from "../history/revision.ts";
import { type Replica, replicaCountOf } from "../replicas/replica.ts";
import { rollbackOf } from "../rollout/rollback.ts";
import { hasFailed } from "../rollout/settling.ts";
import type { Observation } from "../situation.ts";
import { describeFailures } from "./failures.ts";

export type Said = Pick<NewCondition, "status" | "reason" | "message">;

/** The condition Progressing, with the reasons of a Deployment where it has one, so that tools that read those read ours. */
export function progressing(observation: Observation): Said {
  const { process, plan } = observation;
  const target = revisionOf(process);
  // What was rolled out before does not tell whether it will start again: from then on the deadline counts.
  if (plan.rule === "Suspended") {
    const message = `${tallyOf(observation, target)}; spec.suspend is true`;
    return { status: "Unknown", reason: "Suspended", message };
  }
  const rollback = rollbackOf(process);
  if (rollback && plan.revision === rollback.to) return afterRollback(observation, rollback);
  if (isComplete(observation, target, "RolloutComplete")) {
    return { status: "True", reason: "RolloutComplete", message: `revision ${target} is rolled out` };
  }
  const tally = tallyOf(observation, target);
  if (process.spec.paused)
    return { status: "Unknown", reason: "RolloutPaused", message: `${tally}; spec.paused is true` };
  const failure = failureOf(observation, tally);
  if (!failure) return { status: "True", reason: "RolloutInProgress", message: tally };
  if (observation.rollbackGoal === undefined || STALLING_RULES.has(plan.rule)) return failure;
  return { status: "True", reason: "RollingBack", message: failure.message };
}

/** It goes back once only. What it went back to may fail too: then a person has to act. */
function afterRollback(
  observation: Observation,
  { from, to, message }: { from: string; to: string; message: string },
): Said {
  const was = `revision ${from} was rolled back to ${to}`;
  if (isComplete(observation, to, "RolledBack"))
    return { status: "False", reason: "RolledBack", message: `${was}: ${message}` };
  const tally = tallyOf(observation, to);
  const failure = failureOf(observation, tally);
  if (!failure) return { status: "True", reason: "RollingBack", message: `${was} (${tally}): ${message}` };
  if (STALLING_RULES.has(observation.plan.rule)) return failure;
  return {
    status: "False",
    reason: "RollbackFailed",
    message: `${was}, which fails too: ${failure.message}. First: ${message}`,
  };
}

const tallyOf = ({ process, replicas }: Observation, target: string): string => {
  const updated = replicas.filter((replica) => !replica.deleting && replica.revision === target);
  const available = updated.filter((replica) => replica.available).length;
  return `${updated.length} of ${count(replicaCountOf(process), "instance")} updated, ${available} available`;
};

/** Why the rollout does not get on; undefined while it may. */
function failureOf(
  { process, replicas, plan, progress, rollbackRefusal }: Observation,
  tally: string,
): Said | undefined {
  if (STALLING_RULES.has(plan.rule) || plan.rule === "Failed") {
    return { status: "False", reason: plan.rule, message: plan.message };
  }
  if (progress.leftMs > 0) return undefined;
  const why = describeFailures(replicas) ?? plan.message;
  const unbrought = rollbackRefusal === undefined ? "" : `. It is not rolled back: ${rollbackRefusal}`;
  const message = `no progress for ${process.spec.progressDeadlineSeconds ?? 600} s: ${tally}. ${why}${afterContent(process)}${unbrought}`;
  return { status: "False", reason: "ProgressDeadlineExceeded", message };
}

function afterContent({ metadata, status }: Observation["process"]): string {
  const { changed } = status?.content ?? {};
  if (changed === undefined) return "";
  return `. It began when ${changed} changed: correct it, or put back what was there before ("wctl rollout undo process/${metadata.name}")`;
}

/**
 * All wanted replicas are there, new and available, and no other is left. As for a Deployment, what is complete (it has `reason` then) stays so when
 * the number of replicas changes, and when a replica fails later. One that fails before the deadline has passed once more was not rolled out: a
 * program without a readiness probe is ready as soon as it has started.
 */
function isComplete({ process, replicas, progress }: Observation, target: string, reason: string): boolean {
  const done = (replica: Replica): boolean => !replica.deleting && replica.revision === target && replica.available;
  if (replicas.length === replicaCountOf(process) && replicas.every(done)) return true;
  const before = findCondition(process.status?.conditions, "Progressing");
  return (
    before?.reason === reason &&
    process.status?.currentRevision === target &&
    replicas.every((replica) => replica.revision === target) &&
    (progress.isProven || !replicas.some((replica) => !replica.available && hasFailed(replica.instance)))
  );
}
