import { explain } from "./explain.ts";
import { revisionOf, templateOf } from "./history/revision.ts";
import { hurried } from "./replicas/shorten-grace.ts";
import { instanceName } from "./replicas/replica.ts";
import { limitsOf } from "./rollout/limits.ts";
import { type Move, recreateMove, rollingMove, scaleMove } from "./rollout/rollout.ts";
import type { Missing, Plan, Situation, Step, Wanted } from "./situation.ts";
import { count, replicasOf } from "./status/words.ts";

/** Compares what is declared with the copies there are: which Instances to delete, which to create, and why. */
export function plan(situation: Situation): Plan {
  if (situation.process.metadata.deletionTimestamp) return terminating(situation);
  const wanted = wantedOf(situation);
  const move = moveOf(situation, wanted);
  const missing = missingOf(situation, wanted, move);
  const explained = explain(situation, wanted, move, missing);
  const wakeMs = soonest(situation.copies.map((copy) => copy.availableInMs));
  return {
    steps: [...removals(situation, move), ...missing.create, ...(wanted.paused ? [] : hurried(situation))],
    ...(wanted.revision === undefined ? {} : { revision: wanted.revision }),
    ...explained,
    ...(wakeMs === undefined ? {} : { wakeMs }),
  };
}

function terminating({ process, copies }: Situation): Plan {
  const revision = process.status?.currentRevision;
  const message = `the process is being deleted; ${count(copies.length, "instance")} left. Nothing is started any more`;
  const steps = hurried({ process, copies });
  return { steps, ...(revision === undefined ? {} : { revision }), rule: "Terminating", message };
}

/** While paused, copies are kept at the revision that was rolled out last: a new template waits for `paused: false`. */
function wantedOf({ process, templates }: Situation): Wanted {
  const target = revisionOf(process);
  const paused = process.spec.paused ?? false;
  const current = process.status?.currentRevision;
  if (!paused || current === target) return { revision: target, template: templateOf(process.spec), paused };
  return { revision: current, template: current === undefined ? undefined : templates.get(current), paused };
}

function moveOf(situation: Situation, { revision, paused }: Wanted): Move {
  const { process, copies, dependencies } = situation;
  const replicas = replicasOf(process);
  // A copy that is removed for the rollout could not be started again before the dependency is there.
  if (paused || revision === undefined || !dependencies.ok) return scaleMove({ replicas, copies });
  const rollout = { ...limitsOf(process.spec), replicas, copies, revision };
  return process.spec.strategy?.type === "Recreate" ? recreateMove(rollout) : rollingMove(rollout);
}

/** Copies to make: missing indices whose name is free, and stand-ins. Never two for one index: the old one must be gone first (P2). */
function missingOf(situation: Situation, wanted: Wanted, move: Move): Missing {
  const { process, copies, strangers, dependencies } = situation;
  const replicas = replicasOf(process);
  const present = new Map(copies.map((copy) => [copy.name, copy]));
  const strange = new Map(strangers.map((instance) => [instance.metadata.name, instance]));
  const indices = [...Array(replicas).keys(), ...move.surge];
  const names = indices.map((index) => ({ index, name: instanceName(process.metadata.name, index) }));
  const absent = names.filter(({ name }) => !present.has(name));
  const free = absent.filter(({ name }) => !strange.has(name));
  const { revision, template } = wanted;
  const held = !dependencies.ok || (move.waitFor?.length ?? 0) > 0 || revision === undefined || template === undefined;
  return {
    create: held ? [] : free.map(({ index }) => ({ do: "create", index, revision, template })),
    going: names.filter(({ name }) => present.get(name)?.deleting).map(({ name }) => name),
    taken: absent.map(({ name }) => strange.get(name)).filter((instance) => instance !== undefined),
    wanted: free.length,
  };
}

function removals({ process }: Situation, { replaced, scaledAway }: Move): Step[] {
  const replacing = process.spec.strategy?.type === "Recreate" ? "Recreate" : "RollingUpdate";
  return [
    ...replaced.map((copy): Step => ({ do: "delete", copy, rule: replacing })),
    ...scaledAway.map((copy): Step => ({ do: "delete", copy, rule: "ScaleDown" })),
  ];
}

function soonest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
