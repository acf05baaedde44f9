import { controllerOf, type Stored } from "../../../api/object.ts";
import { wellKnown } from "../../../api/scheme.ts";
import type { Instance, Process } from "../../../api/types.generated.ts";
import { labelValue } from "../history/revision.ts";

/** An Instance of this Process, as the plan looks at it. */
export interface Replica {
  instance: Stored<Instance>;
  name: string;
  index: number;
  revision: string;
  deleting: boolean;
  ready: boolean;
  /** It has been ready for minReadySeconds, or has ended successfully; a rollout may go on. */
  available: boolean;
  /** Milliseconds until a ready replica counts as available; absent when it does. */
  availableInMs?: number;
  ended?: "Succeeded" | "Failed";
}

export interface Claim {
  /** Their controller is this very Process. */
  owned: Stored<Instance>[];
  /** They have our label and name, and no controller: to be adopted. */
  orphans: Stored<Instance>[];
  /** They have a name that we need, and belong to another owner, as an earlier Process of the same name. */
  strangers: Stored<Instance>[];
}

export const replicaCountOf = (process: Stored<Process>): number => process.spec.replicas ?? 1;

export const instanceName = (process: string, index: number): string => `${process}-${index}`;

/** Sorts what the caches say about a Process (by owner, by label or by name) into what is its own and what is not. */
export function claim(process: Stored<Process>, candidates: Iterable<Stored<Instance>>): Claim {
  const result: Claim = { owned: [], orphans: [], strangers: [] };
  for (const instance of new Set(candidates)) {
    const controller = controllerOf(instance);
    if (controller?.uid === process.metadata.uid) result.owned.push(instance);
    else if (!controller && isOrphanOf(process, instance)) result.orphans.push(instance);
    else result.strangers.push(instance);
  }
  return result;
}

function isOrphanOf(process: Stored<Process>, instance: Stored<Instance>): boolean {
  const { name } = process.metadata;
  return (
    instance.metadata.labels?.[wellKnown.processLabel] === labelValue(name) &&
    instance.metadata.name === instanceName(name, instance.spec.index) &&
    instance.metadata.deletionTimestamp === undefined
  );
}

/** `readyMs`: how long the Instance has been ready. */
export function replicaOf(instance: Stored<Instance>, minReadySeconds: number, readyMs: number): Replica {
  const { status, spec, metadata } = instance;
  const deleting = metadata.deletionTimestamp !== undefined;
  const ready = !deleting && status?.ready === true;
  const ended = status?.phase === "Succeeded" || status?.phase === "Failed" ? status.phase : undefined;
  const missingMs = ready ? Math.max(0, minReadySeconds * 1000 - readyMs) : 0;
  return {
    instance,
    name: metadata.name,
    index: spec.index,
    revision: spec.revision,
    deleting,
    ready,
    available: !deleting && (ended === "Succeeded" || (ready && missingMs === 0)),
    ...(missingMs > 0 ? { availableInMs: missingMs } : {}),
    ...(ended ? { ended } : {}),
  };
}
