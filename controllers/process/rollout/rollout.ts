import type { Replica } from "../replicas/replica.ts";
import type { Limits } from "./limits.ts";

/** Where a rollout stands: which replicas are there and how far it may go. */
export interface Rollout extends Limits {
  /** The revision every replica shall have. */
  revision: string;
  replicaCount: number;
  /** All Instances of the Process, those being deleted too. */
  replicas: readonly Replica[];
}

export interface Move {
  /** More than are wanted: they go, whatever their state. */
  scaledAway: Replica[];
  /** Not needed in their present state: they go only if they are still in it. */
  replaced: Replica[];
  /** Indices at and above `replicaCount` for replicas that are there only during the rollout. */
  surge: number[];
  /** Nothing is created before these are gone. */
  waitFor?: Replica[];
}

/**
 * One move of a rolling update. Replicas are named by index, so each is replaced in place: it is removed, and created again under its name when
 * it is gone. Meanwhile up to maxSurge stand-ins exist, at indices from `replicaCount` on. Promises:
 * - these removals never leave fewer than replicaCount - maxUnavailable replicas available;
 * - there are never more than replicaCount + maxSurge living replicas.
 * Old replicas that are not available go first, since nothing is lost with them; then the highest index.
 */
export function rollingMove(rollout: Rollout): Move {
  const { replicaCount, maxUnavailable, maxSurge, revision, replicas } = rollout;
  // An old replica that has ended does nothing any more, so nothing is lost with it.
  const serves = (replica: Replica): boolean =>
    replica.available && (replica.ended === undefined || replica.revision === revision);
  const living = replicas.filter((replica) => !replica.deleting);
  const old = living.filter((replica) => replica.revision !== revision && replica.index < replicaCount);
  const { scaledAway, standIns, stale } = excessOf(rollout, old.length > 0);
  const staying = living.filter((replica) => !scaledAway.includes(replica));
  let mayLose = staying.filter(serves).length - (replicaCount - maxUnavailable);
  // Stand-ins are needed as long as an old replica is left.
  const candidates = old.length > 0 ? [...old, ...stale] : [...stale, ...standIns];
  const replaced: Replica[] = [];
  for (const replica of candidates.sort((a, b) => Number(serves(a)) - Number(serves(b)) || b.index - a.index)) {
    if (serves(replica) && mayLose <= 0) continue;
    if (serves(replica)) mayLose -= 1;
    replaced.push(replica);
  }
  return { scaledAway, replaced, surge: surgeIndices(rollout, Math.min(maxSurge, old.length)) };
}

/** Recreate: everything old goes at once, and nothing new is created before all of it is gone. */
export function recreateMove({ replicaCount, revision, replicas }: Rollout): Move {
  const waitFor = replicas.filter((replica) => replica.revision !== revision);
  const replaced = waitFor.filter((replica) => !replica.deleting && replica.index < replicaCount).sort(highestFirst);
  return { ...scaleMove({ replicaCount, replicas }), replaced, waitFor };
}

/** No rollout: only the number of replicas is kept. */
export function scaleMove({ replicaCount, replicas }: Pick<Rollout, "replicaCount" | "replicas">): Move {
  const scaledAway = replicas.filter((replica) => !replica.deleting && replica.index >= replicaCount);
  return { scaledAway: scaledAway.sort(highestFirst), replaced: [], surge: [] };
}

/**
 * Replicas above `replicaCount`. While the update lasts, up to maxSurge of them stand in; those of an earlier update that was overtaken (`stale`)
 * too, since they may be all that is available. The others are scaled away.
 */
function excessOf({ replicaCount, revision, replicas, maxSurge }: Rollout, updating: boolean) {
  const excess = replicas.filter((replica) => !replica.deleting && replica.index >= replicaCount);
  const complete =
    !updating && replicas.filter((replica) => replica.index < replicaCount && replica.available).length >= replicaCount;
  const fresh = (replica: Replica): boolean => replica.revision === revision;
  const byUse = excess.toSorted((a, b) => Number(fresh(b)) - Number(fresh(a)) || a.index - b.index);
  const kept = complete ? [] : byUse.slice(0, maxSurge);
  return {
    standIns: kept.filter(fresh),
    stale: kept.filter((replica) => !fresh(replica)),
    scaledAway: excess.filter((replica) => !kept.includes(replica)).sort(highestFirst),
  };
}

function surgeIndices({ replicaCount, replicas }: Rollout, wanted: number): number[] {
  const taken = new Set(replicas.map((replica) => replica.index).filter((index) => index >= replicaCount));
  const indices: number[] = [];
  for (let index = replicaCount; taken.size + indices.length < wanted; index++)
    if (!taken.has(index)) indices.push(index);
  return indices;
}

const highestFirst = (a: Replica, b: Replica): number => b.index - a.index;
