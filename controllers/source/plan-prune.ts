import { fileOf, isAdopted, isPaused } from "../../api/apply/source-marks.ts";
import type { KubeObject, Stored } from "../../api/object.ts";
import { processes } from "../../api/scheme.ts";
import type { Process } from "../../api/types.generated.ts";
import { type BrakeLimits, brake } from "./brake.ts";
import type { Desired } from "./desired.ts";
import type { Made } from "./inventory.ts";
import type { SourceIdentity } from "./reader.ts";

export interface PruneSituation {
  source: SourceIdentity;
  limits: BrakeLimits;
  desired: Desired;
  made: readonly Made[];
  /** Not a single manifest file is there. */
  isEmpty: boolean;
  /** This very source was seen before, with manifests in it. */
  isKnown: boolean;
  /** Somebody confirmed that any number may go. */
  isApproved: boolean;
  /** It is applied whole or not at all: it is never half written, and programs that it stops count as what it prunes. */
  isWhole: boolean;
  /** Whether anything is pruned at all: else what is missing stays, and disrupts nothing. */
  prunes: boolean;
  /** Milliseconds since the Object has been missing from the source. */
  missingMs(one: Made): number;
}

export interface Pruning {
  prune: Made[];
  /** Missing for too short a time: look again after this long. */
  waitMs?: number;
  refusal?: string;
}

/** Editors and copies take files away for a moment, and write them piece by piece: so only what stays missing counts as removed. */
export const STABILIZATION_MS = 1_000;

/**
 * Which Objects are to be deleted because the source does not declare them any more. It is careful, because a folder is easily lost:
 * - nothing of a file that cannot be read; nothing at all while a file that cannot be read may declare anything;
 * - nothing that the brake refuses, unless somebody confirms it.
 */
export function planPrune(situation: PruneSituation): Pruning {
  const { desired, made, missingMs, isApproved, isWhole, prunes } = situation;
  const missing = made.filter(
    ({ id, object }) =>
      prunes && !desired.objects.has(id) && !desired.contested.has(id) && !isHeld(desired, object) && !isPaused(object),
  );
  const stopped = isWhole ? made.filter((one) => isStopped(one, desired)).length : 0;
  if ((missing.length === 0 && stopped === 0) || hasUnknownFile(desired, made)) return { prune: [] };
  const youngestMs = isWhole ? STABILIZATION_MS : Math.min(...missing.map(missingMs));
  if (youngestMs < STABILIZATION_MS) return { prune: [], waitMs: STABILIZATION_MS - youngestMs };
  const pruned = missing.filter(({ object }) => !isAdopted(object)).length;
  const refusal = isApproved ? undefined : brake({ ...situation, pruned, stopped, made: made.length });
  return refusal === undefined ? { prune: missing } : { prune: [], refusal };
}

/** It runs, and what is declared of it, and applied, is that it does not. */
function isStopped({ id, object, resource }: Made, { objects }: Desired): boolean {
  const declared = objects.get(id)?.object;
  if (resource.plural !== processes.plural || !declared || isPaused(object) || isPaused(declared)) return false;
  return wants(object) && !wants(declared);
}

function wants(object: KubeObject): boolean {
  const { replicas = 1, suspend = false } = (object as Partial<Process>).spec ?? {};
  return replicas > 0 && !suspend;
}

const isHeld = ({ broken }: Desired, object: Stored): boolean => broken.has(fileOf(object) ?? "");

/** A broken file that made nothing yet: it may be a renamed one, and what is missing may be in it. */
function hasUnknownFile({ broken }: Desired, made: readonly Made[]): boolean {
  const files = new Set(made.map(({ object }) => fileOf(object)));
  return [...broken].some((path) => !files.has(path));
}
