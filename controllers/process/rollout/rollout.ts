import type { Copy } from "../replicas/replica.ts";
import type { Limits } from "./limits.ts";

/** Where a rollout stands: which copies are there and how far it may go. */
export interface Rollout extends Limits {
  /** The revision every copy shall have. */
  revision: string;
  replicas: number;
  /** All Instances of the Process, those being deleted too. */
  copies: readonly Copy[];
}

export interface Move {
  /** Above the wanted number: they go, whatever they do. */
  scaledAway: Copy[];
  /** Not needed any more by what they are now: they go only if they still are that. */
  replaced: Copy[];
  /** Indices at and above `replicas` for copies that are there only during the rollout. */
  surge: number[];
  /** Nothing is created before these are gone. */
  waitFor?: Copy[];
}

/**
 * One move of a rolling update. Copies have names by index, so a copy is replaced in place: removed, and made anew under its name when it
 * is gone. Stand-ins are there meanwhile, up to maxSurge, at indices from `replicas` on. Promises:
 * - by these removals never fewer than replicas - maxUnavailable copies are available;
 * - living copies are never more than replicas + maxSurge.
 * Old copies that serve nobody go first, for nothing is lost with them; then the highest index.
 */
export function rollingMove(rollout: Rollout): Move {
  const { replicas, maxUnavailable, maxSurge, revision, copies } = rollout;
  // An old copy that has ended does nothing any more: only what serves can be lost.
  const serves = (copy: Copy): boolean => copy.available && (copy.ended === undefined || copy.revision === revision);
  const living = copies.filter((copy) => !copy.deleting);
  const old = living.filter((copy) => copy.revision !== revision && copy.index < replicas);
  const { scaledAway, standIns, stale } = excessOf(rollout, old.length > 0);
  const staying = living.filter((copy) => !scaledAway.includes(copy));
  let mayLose = staying.filter(serves).length - (replicas - maxUnavailable);
  // Stand-ins are needed as long as there is something to stand in for.
  const candidates = old.length > 0 ? [...old, ...stale] : [...stale, ...standIns];
  const replaced: Copy[] = [];
  for (const copy of candidates.sort((a, b) => Number(serves(a)) - Number(serves(b)) || b.index - a.index)) {
    if (serves(copy) && mayLose <= 0) continue;
    if (serves(copy)) mayLose -= 1;
    replaced.push(copy);
  }
  return { scaledAway, replaced, surge: surgeIndices(rollout, Math.min(maxSurge, old.length)) };
}

/** Recreate: everything old goes at once; nothing new comes before the last of it is gone. */
export function recreateMove({ replicas, revision, copies }: Rollout): Move {
  const waitFor = copies.filter((copy) => copy.revision !== revision);
  const replaced = waitFor.filter((copy) => !copy.deleting && copy.index < replicas).sort(highestFirst);
  return { ...scaleMove({ replicas, copies }), replaced, waitFor };
}

/** No rollout: only the number of copies is kept. */
export function scaleMove({ replicas, copies }: Pick<Rollout, "replicas" | "copies">): Move {
  const scaledAway = copies.filter((copy) => !copy.deleting && copy.index >= replicas);
  return { scaledAway: scaledAway.sort(highestFirst), replaced: [], surge: [] };
}

/**
 * Copies above `replicas`: up to maxSurge of them may stand in while the update lasts, also those of an update that was itself overtaken
 * (`stale`), for they may be all that serves; what else is there was scaled away.
 */
function excessOf({ replicas, revision, copies, maxSurge }: Rollout, updating: boolean) {
  const excess = copies.filter((copy) => !copy.deleting && copy.index >= replicas);
  const complete = !updating && copies.filter((copy) => copy.index < replicas && copy.available).length >= replicas;
  const fresh = (copy: Copy): boolean => copy.revision === revision;
  const byUse = excess.toSorted((a, b) => Number(fresh(b)) - Number(fresh(a)) || a.index - b.index);
  const kept = complete ? [] : byUse.slice(0, maxSurge);
  return {
    standIns: kept.filter(fresh),
    stale: kept.filter((copy) => !fresh(copy)),
    scaledAway: excess.filter((copy) => !kept.includes(copy)).sort(highestFirst),
  };
}

function surgeIndices({ replicas, copies }: Rollout, wanted: number): number[] {
  const taken = new Set(copies.map((copy) => copy.index).filter((index) => index >= replicas));
  const indices: number[] = [];
  for (let index = replicas; taken.size + indices.length < wanted; index++) if (!taken.has(index)) indices.push(index);
  return indices;
}

const highestFirst = (a: Copy, b: Copy): number => b.index - a.index;
