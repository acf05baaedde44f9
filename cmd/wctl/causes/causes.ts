import { findCondition } from "../../../api/conditions.ts";
import type { Stored } from "../../../api/object.ts";
import type { Instance, Process } from "../../../api/types.generated.ts";
import { type Cause, type Facts, type Line, lastEnd } from "./cause.ts";
import { ANY, ENDED, howItEnded } from "./ended.ts";
import { HELD } from "./held.ts";
import { UNREADY } from "./unready.ts";
import { UNSTARTED } from "./unstarted.ts";

/** Why a copy is not as it was wanted. Undefined when it is, or is on its way: being stopped, or not looked at yet. Pure. */
export function causeOfInstance(facts: Facts): Cause | undefined {
  const { metadata, status } = facts.instance;
  const ready = findCondition(status?.conditions, "Ready");
  if (ready?.reason === "StopFailed") return pick(UNREADY, ready, facts);
  if (metadata.deletionTimestamp !== undefined || status?.phase === "Stopping" || status?.phase === "Stopped")
    return undefined;
  const { waiting, running, terminated } = status?.state ?? {};
  if (waiting && waiting.reason !== "CrashLoopBackOff" && waiting.reason !== "NotStarted")
    return pick(UNSTARTED, waiting, facts) ?? { reason: waiting.reason, message: waiting.message ?? "", advice: "" };
  if (running && !status?.ready) return ready && pick(UNREADY, ready, facts);
  if (running) return causeOfOldContent(facts);
  if (status?.phase === "Succeeded" || terminated?.reason === "DaemonStopped") return undefined;
  return causeOfEnd(facts);
}

/** It runs, and could not be told of what its files say now. */
function causeOfOldContent(facts: Facts): Cause | undefined {
  const current = findCondition(facts.instance.status?.conditions, "ContentCurrent");
  return current?.status === "False" ? pick(UNREADY, current, facts) : undefined;
}

/** Why the last run of a copy ended; undefined when none has. */
export function causeOfEnd(facts: Facts): Cause | undefined {
  const end = lastEnd(facts.instance);
  return end && pick(ENDED, { reason: end.reason, message: howItEnded(facts) }, facts);
}

/** Why a Process is held up, beside what its copies suffer from. */
export function causeOfProcess(process: Stored<Process>): Cause | undefined {
  const { decision, conditions, content } = process.status ?? {};
  const refused = findCondition(conditions, "Degraded");
  if (refused?.reason === "StepRefused") return pick(HELD, refused, process);
  const rollout = findCondition(conditions, "Progressing");
  if (rollout?.reason === "RolledBack" || rollout?.reason === "RollbackFailed") return pick(HELD, rollout, process);
  const held = decision && pick(HELD, { reason: decision.rule, message: decision.message ?? "" }, process);
  if (held || content?.outdated === undefined) return held;
  const message = `${content.outdated} changed since the copies were made (spec.configChange.action is None)`;
  return pick(HELD, { reason: "OutdatedContent", message }, process);
}

/** The same cause of many copies is told once. */
export function groupCauses(
  all: readonly { instance: Stored<Instance>; cause: Cause }[],
): { names: string[]; cause: Cause }[] {
  const groups = Map.groupBy(all, ({ cause }) => `${cause.reason}\n${cause.message}`);
  return [...groups.values()].map((members) => ({
    names: members.map(({ instance }) => instance.metadata.name),
    cause: members[0]!.cause,
  }));
}

function pick<Of>(lines: readonly Line<Of>[], seen: { reason: string; message?: string }, of: Of): Cause | undefined {
  const line = lines.find(({ reason, also }) => (reason === seen.reason || reason === ANY) && (also?.(of) ?? true));
  return line && { reason: seen.reason, message: line.message?.(of) ?? seen.message ?? "", advice: line.advice };
}
