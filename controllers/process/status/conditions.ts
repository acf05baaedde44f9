import { findCondition, type NewCondition } from "../../../api/conditions.ts";
import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";
import { HOPELESS } from "../dependencies/dependencies.ts";
import { revisionOf } from "../history/revision.ts";
import type { Copy } from "../replicas/replica.ts";
import type { Observation } from "../situation.ts";
import { describeTrouble } from "./failures.ts";
import { count, replicasOf } from "./words.ts";

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

/** Rules that are told as the reason of not being ready, instead of pointing at an Instance. */
const HOLDING = new Set([...HOPELESS, "WaitingForDependency", "NameTaken", "Paused", "Terminating"]);

function ready({ process, copies, plan }: Observation): Said {
  const replicas = replicasOf(process);
  const wanted = copies.filter((copy) => !copy.deleting);
  const readyCount = wanted.filter((copy) => copy.ready).length;
  const held = HOLDING.has(plan.rule);
  if (readyCount >= replicas && plan.rule !== "Terminating") {
    if (replicas === 0) return { status: "True", reason: "ScaledToZero", message: "0 instances wanted" };
    return { status: "True", reason: "AllInstancesReady", message: `${count(replicas, "instance")} ready` };
  }
  const tally = `${readyCount} of ${count(replicas, "instance")} ready`;
  if (plan.rule === "Completed") return { status: "False", reason: "Completed", message: plan.message };
  if (held) return { status: "False", reason: plan.rule, message: `${tally}: ${plan.message}` };
  const trouble = describeTrouble(copies.filter((copy) => !copy.ready));
  const message = trouble ? `${tally}: ${trouble}` : `${tally}: ${plan.message}`;
  return { status: "False", reason: "InstanceNotReady", message };
}

/** The reasons of a Deployment, so that what reads these reads ours. */
function progressing({ process, copies, plan, deadlineLeftMs }: Observation): Said {
  const replicas = replicasOf(process);
  const target = revisionOf(process);
  const updated = copies.filter((copy) => !copy.deleting && copy.revision === target);
  const available = updated.filter((copy) => copy.available).length;
  const tally = `${updated.length} of ${count(replicas, "instance")} updated, ${available} available`;
  if (isComplete(process, copies, target) || wasComplete(process, copies, target)) {
    const message = `revision ${target} is rolled out`;
    return { status: "True", reason: "RolloutComplete", message };
  }
  if (process.spec.paused)
    return { status: "Unknown", reason: "RolloutPaused", message: `${tally}; spec.paused is true` };
  if (HOPELESS.has(plan.rule) || plan.rule === "Failed") {
    return { status: "False", reason: plan.rule, message: plan.message };
  }
  if (deadlineLeftMs > 0) return { status: "True", reason: "RolloutInProgress", message: tally };
  const message = `no progress for ${process.spec.progressDeadlineSeconds ?? 600} s: ${tally}. ${describeTrouble(copies) ?? plan.message}`;
  return { status: "False", reason: "ProgressDeadlineExceeded", message };
}

/** All wanted copies are there, new and available, and no other is left. */
function isComplete(process: Stored<Process>, copies: readonly Copy[], target: string): boolean {
  const done = (copy: Copy): boolean => !copy.deleting && copy.revision === target && copy.available;
  return copies.length === replicasOf(process) && copies.every(done);
}

/** A rollout that was complete stays so when a copy fails later or their number changes; that is no rollout (as of a Deployment). */
function wasComplete(process: Stored<Process>, copies: readonly Copy[], target: string): boolean {
  const before = findCondition(process.status?.conditions, "Progressing");
  return (
    before?.reason === "RolloutComplete" &&
    process.status?.currentRevision === target &&
    copies.every((copy) => copy.revision === target)
  );
}

function degraded({ copies, refusal }: Observation): Said {
  if (refusal) return { status: "True", reason: "StepRefused", message: refusal };
  const broken = copies.filter(({ instance, deleting }) => !deleting && isBroken(instance.status?.phase));
  if (broken.length === 0) return { status: "False", reason: "AsExpected", message: "no instance is failing" };
  const reason = broken.some((copy) => copy.ended === "Failed") ? "InstanceFailed" : "CrashLoopBackOff";
  const message = `${count(broken.length, "instance")} failing: ${describeTrouble(broken)}`;
  return { status: "True", reason, message };
}

const isBroken = (phase: string | undefined): boolean => phase === "Backoff" || phase === "Failed";

function stalled({ plan }: Observation): Said {
  if (HOPELESS.has(plan.rule)) return { status: "True", reason: plan.rule, message: plan.message };
  return { status: "False", reason: "NotStalled", message: "nothing waits for a change of the spec" };
}
