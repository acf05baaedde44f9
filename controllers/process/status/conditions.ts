import type { NewCondition } from "../../../api/conditions.ts";
import { count } from "../../../lib/wording.ts";
import { STALLING_RULES } from "../dependencies/dependencies.ts";
import { replicaCountOf } from "../replicas/replica.ts";
import type { Observation } from "../situation.ts";
import { describeFailures, neverStarted } from "./failures.ts";
import { progressing, type Said } from "./progressing.ts";

/** Ready, Progressing, Degraded and Stalled, always all four. */
export function conditionsOf(observation: Observation): NewCondition[] {
  const { generation } = observation.process.metadata;
  const condition = (type: string, said: Said): NewCondition => ({
    type,
    ...said,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  });
  const progress = progressing(observation);
  return [
    condition("Ready", ready(observation)),
    condition("Progressing", progress),
    condition("Degraded", degraded(observation)),
    condition("Stalled", stalled(observation, progress)),
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

function stalled({ plan }: Observation, progress: Said): Said {
  if (progress.reason === "RollbackFailed") {
    return { status: "True", reason: "RollbackFailed", message: progress.message };
  }
  const waits = STALLING_RULES.has(plan.rule) || plan.rule === "Failed";
  if (waits && progress.reason !== "RollingBack") return { status: "True", reason: plan.rule, message: plan.message };
  return { status: "False", reason: "NotStalled", message: "nothing waits for a change of the spec" };
}
