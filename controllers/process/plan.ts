import { templateOf } from "../../api/process-template.ts";
import { count } from "../../lib/wording.ts";
import { explain } from "./explain.ts";
import { revisionOf } from "./history/revision.ts";
import { reconfigure } from "./reconfigure.ts";
import { relabel } from "./relabel.ts";
import { instanceName, isSuspended, replicaCountOf } from "./replicas/replica.ts";
import { limitsOf } from "./rollout/limits.ts";
import { rollbackOf } from "./rollout/rollback.ts";
import { type Move, recreateMove, rollingMove, scaleMove } from "./rollout/rollout.ts";
import { shortenGracePeriods } from "./shorten-grace.ts";
import type { Missing, Plan, Situation, Step, Wanted } from "./situation.ts";
import { suspensionOf } from "./suspension.ts";

/** Compares what is declared with the replicas that exist: which Instances to delete, which to create, and why. */
export function plan(situation: Situation): Plan {
  if (situation.process.metadata.deletionTimestamp) return terminating(situation);
  const wanted = wantedOf(situation);
  const move = moveOf(situation, wanted);
  const missing = missingOf(situation, wanted, move);
  const suspension = suspensionOf(situation, new Set([...move.replaced, ...move.scaledAway]));
  const explained = explain(situation, { wanted, move, missing, suspension });
  const wakeMs = soonest(situation.replicas.map((replica) => replica.availableInMs));
  const removed = removals(situation, move);
  return {
    steps: [
      ...removed,
      ...relabel(situation, removed),
      ...reconfigure(situation, wanted, removed),
      ...missing.create,
      ...suspension.steps,
      ...(wanted.paused ? [] : shortenGracePeriods(situation)),
    ],
    ...(wanted.revision === undefined ? {} : { revision: wanted.revision }),
    ...explained,
    ...(wakeMs === undefined ? {} : { wakeMs }),
  };
}

function terminating({ process, replicas }: Situation): Plan {
  const revision = process.status?.currentRevision;
  const message = `the process is being deleted; ${count(replicas.length, "instance")} left. Nothing is started any more`;
  const steps = shortenGracePeriods({ process, replicas });
  return { steps, ...(revision === undefined ? {} : { revision }), rule: "Terminating", message };
}

/** After a rollback: what was brought back. While paused, replicas are kept at the revision that was rolled out last: a new template waits for `paused: false`. */
function wantedOf({ process, templates, kept }: Situation): Wanted {
  const target = revisionOf(process);
  const contentOf = (revision: string): Pick<Wanted, "keptContent"> => {
    const { references } = kept?.get(revision) ?? {};
    return references ? { keptContent: references } : {};
  };
  const paused = process.spec.paused ?? false;
  const rollback = paused ? undefined : rollbackOf(process);
  const earlier = rollback && templates.get(rollback.to);
  if (rollback && earlier)
    return { revision: rollback.to, template: earlier, ...contentOf(rollback.to), paused, rollback };
  const current = process.status?.currentRevision;
  if (!paused || current === target) return { revision: target, template: templateOf(process.spec), paused };
  if (current === undefined) return { revision: current, template: undefined, paused };
  return { revision: current, template: templates.get(current), ...contentOf(current), paused };
}

function moveOf(situation: Situation, { revision, paused }: Wanted): Move {
  const { process, replicas, dependencies } = situation;
  const replicaCount = replicaCountOf(process);
  if (paused || revision === undefined) return scaleMove({ replicaCount, replicas });
  const rollout = { ...limitsOf(process.spec), replicaCount, replicas, revision };
  // Nothing of a stopped Process serves, so nothing is lost; and when it is started, it starts with the new template.
  if (isSuspended(process)) return recreateMove(rollout);
  // A replica that the rollout removes could not be started again before its dependencies are met.
  if (!dependencies.ok) return scaleMove({ replicaCount, replicas });
  return process.spec.strategy?.type === "Recreate" ? recreateMove(rollout) : rollingMove(rollout);
}

/** Replicas to make: missing indices whose name is free, and stand-ins. Never two for one index: the old one must be gone first (P2). */
function missingOf(situation: Situation, wanted: Wanted, move: Move): Missing {
  const { process, replicas, strangers } = situation;
  const replicaCount = replicaCountOf(process);
  const present = new Map(replicas.map((replica) => [replica.name, replica]));
  const strange = new Map(strangers.map((instance) => [instance.metadata.name, instance]));
  const indices = [...Array(replicaCount).keys(), ...move.surge];
  const names = indices.map((index) => ({ index, name: instanceName(process.metadata.name, index) }));
  const absent = names.filter(({ name }) => !present.has(name));
  const free = absent.filter(({ name }) => !strange.has(name));
  const { revision, template, keptContent } = wanted;
  const held =
    !mayCreate(situation) || (move.waitFor?.length ?? 0) > 0 || revision === undefined || template === undefined;
  return {
    create: held
      ? []
      : free.map(({ index }) => ({ do: "create", index, revision, template, ...(keptContent && { keptContent }) })),
    going: names.filter(({ name }) => present.get(name)?.deleting).map(({ name }) => name),
    taken: absent.map(({ name }) => strange.get(name)).filter((instance) => instance !== undefined),
    wanted: free.length,
  };
}

/** Starts wait for dependencies; a replica of a stopped Process does not start. */
const mayCreate = ({ process, dependencies }: Situation): boolean => dependencies.ok || isSuspended(process);

function removals({ process }: Situation, { replaced, scaledAway }: Move): Step[] {
  const replacing = process.spec.strategy?.type === "Recreate" ? "Recreate" : "RollingUpdate";
  return [
    ...replaced.map((replica): Step => ({ do: "delete", replica, rule: replacing })),
    ...scaledAway.map((replica): Step => ({ do: "delete", replica, rule: "ScaleDown" })),
  ];
}

function soonest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
