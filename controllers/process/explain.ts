import type { Stored } from "../../api/object.ts";
import type { Instance } from "../../api/types.generated.ts";
import { count, enumerate } from "../../lib/wording.ts";
import { revisionOf } from "./history/revision.ts";
import { instanceName, isSuspended, type Replica, replicaCountOf } from "./replicas/replica.ts";
import type { Move } from "./rollout/rollout.ts";
import type { Missing, Plan, Situation, Suspension, Wanted } from "./situation.ts";

const wants = (process: Situation["process"]): string => `${count(replicaCountOf(process), "instance")} wanted`;
const living = (replicas: readonly Replica[]): number => replicas.filter((replica) => !replica.deleting).length;
const has = (names: readonly string[]): string => (names.length === 1 ? "has" : "have");
const is = (names: readonly string[]): string => (names.length === 1 ? "is" : "are");

/** What began the rollout, when it was no change of the template. */
function because({ spec, status }: Situation["process"], { rollback }: Wanted): string {
  const { changed } = status?.content ?? {};
  if (changed === undefined || rollback) return "";
  const { action } = spec.configChange ?? {};
  const isTold = action === "Signal" || action === "Exec";
  return ` (${changed} changed${isTold ? ", of which a program can't be told while it runs" : ""})`;
}

export type Explanation = Pick<Plan, "rule" | "message">;

/** What was decided, before it has become steps. */
export interface Decided {
  wanted: Wanted;
  move: Move;
  missing: Missing;
  suspension: Suspension;
}

/** Why the plan is as it is. It gives the first of these that applies: what needs a person, what is done now, what is waited for, how things are. */
export function explain(situation: Situation, { wanted, move, missing, suspension }: Decided): Explanation {
  return (
    blocked(situation, wanted, missing, suspension) ??
    acting(situation, wanted, move, missing) ??
    changing(situation, suspension) ??
    waiting(situation, wanted, missing) ??
    notRollingOut(situation, wanted)
  );
}

function blocked(
  { process, dependencies }: Situation,
  wanted: Wanted,
  missing: Missing,
  suspension: Suspension,
): Explanation | undefined {
  if (!dependencies.ok && dependencies.rule === "DependencyCycle") return dependencies;
  const [stranger] = missing.taken;
  if (stranger) return { rule: "NameTaken", message: describeStranger(stranger) };
  if (!dependencies.ok && suspension.held.length > 0) return dependencies;
  if (missing.wanted === 0) return undefined;
  if (!dependencies.ok && !isSuspended(process)) return dependencies;
  if (wanted.revision === undefined) {
    return { rule: "Paused", message: "paused before the first rollout; set spec.paused to false to start it" };
  }
  if (wanted.template) return undefined;
  const message = `paused, and nothing is left of revision ${wanted.revision} to copy; set spec.paused to false to roll out the present template`;
  return { rule: "Paused", message };
}

function describeStranger({ metadata }: Stored<Instance>): string {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller);
  const whose = owner ? `belongs to another ${owner.kind} "${owner.name}" (uid ${owner.uid})` : "has no owner";
  return `instance ${metadata.name} ${whose}; waiting until it is gone`;
}

function acting(situation: Situation, wanted: Wanted, move: Move, missing: Missing): Explanation | undefined {
  const { process, replicas } = situation;
  const names = (of: readonly { name: string }[]): string => enumerate(of.map(({ name }) => name));
  const replaced = move.replaced.filter((replica) => replica.revision !== wanted.revision);
  const away = [...move.replaced, ...move.scaledAway];
  if (replaced.length > 0) {
    const old = replicas.filter((replica) => !replica.deleting && replica.revision !== wanted.revision);
    const message = `${old.length} of ${count(replicas.length, "instance")} not of revision ${wanted.revision}; replacing ${names(replaced)}${because(process, wanted)}`;
    return { rule: process.spec.strategy?.type === "Recreate" ? "Recreate" : "RollingUpdate", message };
  }
  if (missing.create.length > 0) {
    const made = enumerate(missing.create.map(({ index }) => instanceName(process.metadata.name, index)));
    return { rule: "CreateInstances", message: `${wants(process)}, there are ${living(replicas)}; creating ${made}` };
  }
  if (away.length === 0) return undefined;
  return {
    rule: "ScaleDown",
    message: `${wants(process)}, there are ${living(replicas)}; removing ${names(away)}`,
  };
}

/** Replicas are stopped in place, or run again. */
function changing({ process }: Situation, { steps }: Suspension): Explanation | undefined {
  if (steps.length === 0) return undefined;
  const names = enumerate(steps.map(({ replica }) => replica.name));
  return isSuspended(process)
    ? { rule: "Suspended", message: `spec.suspend is true; stopping ${names}` }
    : { rule: "Resumed", message: `spec.suspend is no longer true; starting ${names}` };
}

function waiting(
  { process, replicas, dependencies }: Situation,
  wanted: Wanted,
  missing: Missing,
): Explanation | undefined {
  const going =
    missing.going.length > 0 ? missing.going : replicas.filter((replica) => replica.deleting).map(({ name }) => name);
  const stopping = going.length > 0 ? `waiting until ${enumerate(going)} ${has(going)} stopped` : undefined;
  const old = replicas.filter((replica) => replica.revision !== wanted.revision);
  if (old.length === 0 || wanted.paused) {
    return stopping === undefined
      ? undefined
      : { rule: "WaitingForTermination", message: `${wants(process)}; ${stopping}` };
  }
  if (!dependencies.ok) return { ...dependencies, message: `the rollout is held back: ${dependencies.message}` };
  const rule = process.spec.strategy?.type === "Recreate" ? "Recreate" : "RollingUpdate";
  const unavailable = replicas.filter((replica) => !replica.available).map(({ name }) => name);
  const next = stopping ?? `waiting until ${enumerate(unavailable)} ${is(unavailable)} available`;
  const message = `${old.length} of ${count(replicas.length, "instance")} still to be replaced by revision ${wanted.revision}; ${next}${because(process, wanted)}`;
  return { rule, message };
}

/** What has finished stays finished, also in a stopped Process. */
function suspended({ process, replicas }: Situation): Explanation | undefined {
  const left = replicas.filter((replica) => replica.ended === undefined);
  if (!isSuspended(process) || replicaCountOf(process) === 0 || (replicas.length > 0 && left.length === 0))
    return undefined;
  const stopping = left.filter(({ instance }) => instance.status?.phase !== "Stopped");
  const howOn = `"wctl start process/${process.metadata.name}" starts it`;
  if (stopping.length === 0) return { rule: "Suspended", message: `it is stopped (spec.suspend is true); ${howOn}` };
  const names = stopping.map(({ name }) => name);
  return {
    rule: "Suspended",
    message: `spec.suspend is true; waiting until ${enumerate(names)} ${has(names)} stopped`,
  };
}

const newPart = ({ status }: Situation["process"]): string =>
  status?.content?.changed === undefined ? "template" : "content";

function notRollingOut(situation: Situation, wanted: Wanted): Explanation {
  const { process, replicas } = situation;
  const stopped = suspended(situation);
  if (stopped) return stopped;
  const ended = (how: string): Replica[] => replicas.filter((replica) => replica.ended === how);
  const failed = ended("Failed");
  if (failed.length > 0) {
    const message = `${enumerate(failed.map(({ name }) => name))} failed and restartPolicy is ${process.spec.restartPolicy}; change the spec, or delete the instance to run it again`;
    return { rule: "Failed", message };
  }
  if (replicas.length > 0 && ended("Succeeded").length === replicas.length) {
    const all = replicas.length === 1 ? "the instance" : `all ${replicas.length} instances`;
    const message = `${all} ended successfully; what has finished is not run again`;
    return { rule: "Completed", message };
  }
  if (wanted.paused && wanted.revision !== revisionOf(process)) {
    return {
      rule: "Paused",
      message: `kept at revision ${wanted.revision}; the new ${newPart(process)} waits until spec.paused is false${because(process, wanted)}`,
    };
  }
  const unavailable = replicas.filter((replica) => !replica.available).map(({ name }) => name);
  if (unavailable.length === 0 && wanted.rollback) {
    const { from, to } = wanted.rollback;
    return {
      rule: "RolledBack",
      message: `revision ${from} failed; kept at ${to} until the template or the content is changed`,
    };
  }
  if (unavailable.length === 0) return { rule: "AsDesired", message: `${wants(process)}, and all of them are there` };
  return {
    rule: "WaitingForAvailable",
    message: `${wants(process)}; waiting until ${enumerate(unavailable)} ${is(unavailable)} available`,
  };
}
