import { findCondition } from "../../../api/conditions.ts";
import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Replica } from "../replicas/replica.ts";

/** The best that was reached on the way to a goal. What is lost and won back is no progress. */
interface Best {
  goal: string;
  /** Monotonic milliseconds. */
  at: number;
  updated: number;
  old: number;
  ready: number;
  available: number;
}

/**
 * The progress deadline of one Process. Whatever brings replicas nearer to the wanted revision than they ever were is progress, and starts the
 * deadline over. It is kept in memory on the monotonic clock (P8), so a restart of the daemon starts it over too, unless status says already that it has passed.
 */
export class Progress {
  readonly #clock: Clock;
  #best: Best | undefined;
  #proven: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the deadline; 0 or less when it has passed. */
  leftMs(process: Stored<Process>, revision: string | undefined, replicas: readonly Replica[]): number {
    const deadlineMs = (process.spec.progressDeadlineSeconds ?? 600) * 1000;
    const now = this.#clock.now();
    const left = (best: Best): number => best.at + deadlineMs - now;
    const complete = wasComplete(process, revision);
    if (complete && (!this.#best || left(this.#best) <= 0)) this.#proven = revision;
    const reached = reachedBy(process, revision, replicas);
    if (!this.#best) {
      const passed = complete || alreadyPassed(process, revision);
      this.#best = { ...reached, at: now - (passed ? deadlineMs : 0) };
    } else if (this.#best.goal !== reached.goal) this.#best = { ...reached, at: now };
    else this.#best = best(this.#best, reached, now);
    return left(this.#best);
  }

  /** It was rolled out, and nothing of it failed before the deadline after that: what fails later is not the rollout. */
  isProven(revision: string | undefined): boolean {
    return revision !== undefined && this.#proven === revision;
  }
}

type Reached = Omit<Best, "at">;

function reachedBy({ spec }: Stored<Process>, revision: string | undefined, replicas: readonly Replica[]): Reached {
  const updated = replicas.filter((replica) => !replica.deleting && replica.revision === revision);
  const count = (is: (replica: Replica) => boolean): number => updated.filter(is).length;
  return {
    goal: JSON.stringify([revision, spec.replicas, spec.paused ?? false, spec.suspend ?? false]),
    updated: updated.length,
    old: replicas.filter((replica) => replica.revision !== revision).length,
    ready: count((replica) => replica.ready),
    available: count((replica) => replica.available),
  };
}

function best(before: Best, now: Reached, at: number): Best {
  const further =
    now.updated > before.updated ||
    now.old < before.old ||
    now.ready > before.ready ||
    now.available > before.available;
  if (!further) return before;
  return {
    goal: before.goal,
    at,
    updated: Math.max(before.updated, now.updated),
    old: Math.min(before.old, now.old),
    ready: Math.max(before.ready, now.ready),
    available: Math.max(before.available, now.available),
  };
}

const wasComplete = ({ status }: Stored<Process>, revision: string | undefined): boolean =>
  findCondition(status?.conditions, "Progressing")?.reason === "RolloutComplete" &&
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
