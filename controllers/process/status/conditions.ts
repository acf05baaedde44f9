import { findCondition, type NewCondition } from "../../../api/conditions.ts";
import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";
import { count } from "../../../lib/wording.ts";
import { STALLING_RULES } from "../dependencies/dependencies.ts";
import { revisionOf } from "../history/revision.ts";
import { type Replica, replicaCountOf } from "../replicas/replica.ts";
import type { Observation } from "../situation.ts";
import { describeFailures, neverStarted } from "./failures.ts";

type Said = Pick<NewCondition, "status" | "reason" | "message">;

/** Ready, Progressing, Degraded and Stalled, always all four. */
export function conditionsOf(observation: Observation): NewCondition[] {
  const { generation } = observation.process.metadata;
  const condition = (type: string, said: Said): NewCondition => ({
    type,
    ...said,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  });
  return [
    condition("Ready", ready(observation)),
    condition("Progressing", progressing(observation)),
    condition("Degraded", degraded(observation)),
    condition("Stalled", stalled(observation)),
  ];
}

/** If one of these rules fired, it is the reason why the Process is not ready, whatever its Instances say. */
const HOLDING = new Set([...STALLING_RULES, "WaitingForDependency", "NameTaken", "Paused", "Terminating"]);

function ready({ process, replicas, plan }: Observation): Said {
  const replicaCount = replicaCountOf(process);
  const wanted = replicas.filter((replica) => !replica.deleting);
  const readyCount = wanted.filter((replica) => replica.ready).length;
  const held = HOLDING.has(plan.rule);
  if (plan.rule === "Suspended") return { status: "False", reason: plan.rule, message: plan.message };
  if (readyCount >= replicaCount && plan.rule !== "Terminating") {
    if (replicaCount === 0) return { status: "True", reason: "ScaledToZero", message: "0 instances wanted" };
    return { status: "True", reason: "AllInstancesReady", message: `${count(replicaCount, "instance")} ready` };
  }
  const tally = `${readyCount} of ${count(replicaCount, "instance")} ready`;
  if (plan.rule === "Completed") return { status: "False", reason: "Completed", message: plan.message };
  if (held) return { status: "False", reason: plan.rule, message: `${tally}: ${plan.message}` };
  const failures = describeFailures(replicas.filter((replica) => !replica.ready));
  const message = failures ? `${tally}: ${failures}` : `${tally}: ${plan.message}`;
  return { status: "False", reason: "InstanceNotReady", message };
}

/** With the reasons of a Deployment where it has one, so that tools that read those read ours. */
function progressing({ process, replicas, plan, deadlineLeftMs }: Observation): Said {
  const replicaCount = replicaCountOf(process);
  const target = revisionOf(process);
  const updated = replicas.filter((replica) => !replica.deleting && replica.revision === target);
  const available = updated.filter((replica) => replica.available).length;
  const tally = `${updated.length} of ${count(replicaCount, "instance")} updated, ${available} available`;
  // What was rolled out before does not tell whether it will start again: from then on the deadline counts.
  if (plan.rule === "Suspended")
    return { status: "Unknown", reason: "Suspended", message: `${tally}; spec.suspend is true` };
  if (isComplete(process, replicas, target) || wasComplete(process, replicas, target)) {
    const message = `revision ${target} is rolled out`;
    return { status: "True", reason: "RolloutComplete", message };
  }
  if (process.spec.paused)
    return { status: "Unknown", reason: "RolloutPaused", message: `${tally}; spec.paused is true` };
  if (STALLING_RULES.has(plan.rule) || plan.rule === "Failed") {
    return { status: "False", reason: plan.rule, message: plan.message };
  }
  if (deadlineLeftMs > 0) return { status: "True", reason: "RolloutInProgress", message: tally };
  const message = `no progress for ${process.spec.progressDeadlineSeconds ?? 600} s: ${tally}. ${describeFailures(replicas) ?? plan.message}`;
  return { status: "False", reason: "ProgressDeadlineExceeded", message };
}

/** All wanted replicas are there, new and available, and no other is left. */
function isComplete(process: Stored<Process>, replicas: readonly Replica[], target: string): boolean {
  const done = (replica: Replica): boolean => !replica.deleting && replica.revision === target && replica.available;
  return replicas.length === replicaCountOf(process) && replicas.every(done);
}

/** As for a Deployment, a complete rollout stays complete when a replica fails later or when the number of replicas changes. */
function wasComplete(process: Stored<Process>, replicas: readonly Replica[], target: string): boolean {
  const before = findCondition(process.status?.conditions, "Progressing");
  return (
    before?.reason === "RolloutComplete" &&
    process.status?.currentRevision === target &&
    replicas.every((replica) => replica.revision === target)
  );
}

function degraded({ replicas, refusal }: Observation): Said {
  if (refusal) return { status: "True", reason: "StepRefused", message: refusal };
  const broken = replicas.filter(({ instance, deleting }) => !deleting && isBroken(instance.status?.phase));
  if (broken.length === 0) return { status: "False", reason: "AsExpected", message: "no instance is failing" };
  const [unstarted] = broken.flatMap(({ instance }) => neverStarted(instance.status) ?? []);
  const reason = broken.some(({ ended }) => ended === "Failed") ? "InstanceFailed" : (unstarted ?? "CrashLoopBackOff");
  const message = `${count(broken.length, "instance")} failing: ${describeFailures(broken)}`;
  return { status: "True", reason, message };
}

const isBroken = (phase: string | undefined): boolean => phase === "Backoff" || phase === "Failed";

function stalled({ plan }: Observation): Said {
  if (STALLING_RULES.has(plan.rule) || plan.rule === "Failed") {
    return { status: "True", reason: plan.rule, message: plan.message };
  }
  return { status: "False", reason: "NotStalled", message: "nothing waits for a change of the spec" };
}
