import type { Stored } from "../../../api/object.ts";
import type { Instance, Process } from "../../../api/types.generated.ts";

/** An Instance of this Process, as the plan looks at it. */
export interface Replica {
  instance: Stored<Instance>;
  name: string;
  index: number;
  revision: string;
  deleting: boolean;
  /** Its program is to be stopped, and stays so. */
  suspended: boolean;
  ready: boolean;
  /** It has been ready for minReadySeconds, or has ended successfully; a rollout may go on. */
  available: boolean;
  /** Milliseconds until a ready replica counts as available; absent when it does. */
  availableInMs?: number;
  ended?: "Succeeded" | "Failed";
}

export const isSuspended = ({ spec }: Process): boolean => spec.suspend === true;

export const replicaCountOf = (process: Stored<Process>): number => process.spec.replicas ?? 1;

export const instanceName = (process: string, index: number): string => `${process}-${index}`;

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
    suspended: spec.suspend === true,
    ready,
    available: !deleting && (ended === "Succeeded" || (ready && missingMs === 0)),
    ...(missingMs > 0 ? { availableInMs: missingMs } : {}),
    ...(ended ? { ended } : {}),
  };
}
