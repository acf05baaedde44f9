import { findCondition } from "../../../api/conditions.ts";
import type { Stored } from "../../../api/object.ts";
import type { Process, ProcessSpec, ProgressStatus } from "../../../api/types.generated.ts";
import { sameJson } from "../../../lib/same-json.ts";
import { shortHash } from "../history/revision.ts";
import type { Replica } from "../replicas/replica.ts";
import { hasFailed } from "./settling.ts";

export interface Progress {
  /** For `status.progress`. Absent: nothing is being rolled out, and nothing was since it is kept there. */
  best?: ProgressStatus;
  /** Milliseconds until the rollout counts as stuck; 0 or less when it does. */
  leftMs: number;
  /** The revision was rolled out, and nothing of it failed before the deadline after that: what fails later is not the rollout. */
  isProven: boolean;
}

/**
 * The progress deadline of one Process. Whatever brings replicas nearer to the wanted revision than they ever were is progress, and starts the deadline
 * over; what is lost and won back is none, and a copy that has failed is ready as soon as it starts again. The best is kept in status, with a time that counts while a daemon runs: so the deadline passes over restarts of
 * the daemon, neither while none runs nor by a clock that is set (P8). `nowMs`: of RunningTime.
 */
export function progressOf(
  process: Stored<Process>,
  revision: string | undefined,
  replicas: readonly Replica[],
  nowMs: number,
): Progress {
  const before = process.status?.progress;
  const deadlineMs = (process.spec.progressDeadlineSeconds ?? 600) * 1000;
  const leftOf = ({ atMs }: ProgressStatus): number => Math.min(atMs, nowMs) + deadlineMs - nowMs;
  const isComplete = wasComplete(process, revision);
  const hasLasted = isComplete && (!before || leftOf(before) <= 0);
  const isProven = hasLasted || (revision !== undefined && before?.proven === revision);
  // A version that kept no progress has said how it ended.
  if (!before && (isComplete || alreadyPassed(process, revision))) return { leftMs: 0, isProven };
  const reached = reachedBy(process, revision, replicas);
  const best = before?.goal === reached.goal ? bestOf(before, reached) : reached;
  if (before && sameJson(best, countsOf(before))) return { best: before, leftMs: leftOf(before), isProven };
  const now: ProgressStatus = { ...best, atMs: nowMs, ...(isProven && { proven: revision! }) };
  return { best: now, leftMs: leftOf(now), isProven };
}

type Counts = Omit<ProgressStatus, "atMs" | "proven">;

const countsOf = ({ goal, old, updated, ready, available }: ProgressStatus): Counts => ({
  goal,
  old,
  updated,
  ready,
  available,
});

/** Specs are never changed, so a goal needs to be worked out once for each revision. */
const goals = new WeakMap<ProcessSpec, { revision: string | undefined; goal: string }>();

function goalOf(spec: ProcessSpec, revision: string | undefined): string {
  const known = goals.get(spec);
  if (known && known.revision === revision) return known.goal;
  const parts = [revision ?? null, spec.replicas ?? 1, spec.paused ?? false, spec.suspend ?? false];
  const goal = shortHash(JSON.stringify(parts));
  goals.set(spec, { revision, goal });
  return goal;
}

function reachedBy({ spec }: Stored<Process>, revision: string | undefined, replicas: readonly Replica[]): Counts {
  const updated = replicas.filter((replica) => !replica.deleting && replica.revision === revision);
  return {
    goal: goalOf(spec, revision),
    old: replicas.filter((replica) => replica.revision !== revision).length,
    updated: updated.length,
    ready: updated.filter((replica) => replica.ready && !hasFailed(replica.instance)).length,
    available: updated.filter((replica) => replica.available).length,
  };
}

/** Each count as it was best. */
const bestOf = (before: Counts, now: Counts): Counts => ({
  goal: now.goal,
  old: Math.min(before.old, now.old),
  updated: Math.max(before.updated, now.updated),
  ready: Math.max(before.ready, now.ready),
  available: Math.max(before.available, now.available),
});

const COMPLETE = ["RolloutComplete", "RolledBack"];

const wasComplete = ({ status }: Stored<Process>, revision: string | undefined): boolean =>
  COMPLETE.includes(findCondition(status?.conditions, "Progressing")?.reason ?? "") &&
  status?.currentRevision === revision;

const PASSED = ["ProgressDeadlineExceeded", "RollbackFailed"];

function alreadyPassed({ status, metadata }: Stored<Process>, revision: string | undefined): boolean {
  const condition = findCondition(status?.conditions, "Progressing");
  return (
    PASSED.includes(condition?.reason ?? "") &&
    condition?.observedGeneration === metadata.generation &&
    status?.currentRevision === revision
  );
}
