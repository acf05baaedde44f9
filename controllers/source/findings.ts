import type { Applied } from "./apply.ts";
import type { Desired } from "./desired.ts";
import type { Pruning } from "./plan-prune.ts";
import { type SourceIdentity, type SourceProblem, type SourceReading, SourceUnreadable } from "./reader.ts";
import type { Finding } from "./report.ts";

interface Results {
  reading: SourceReading;
  desired: Desired;
  failures: Applied["failures"];
  pruning: Pruning;
  /** What stays although it should be pruned, in words. */
  unpruned: readonly string[];
}

/** Why a source is not as it says, what is most at fault first. */
export function findingsOf({ reading, desired, failures, pruning, unpruned }: Results): Finding[] {
  const { problem, remarks } = reading;
  return [
    ...(problem ? [{ reason: problem.reason, message: problem.message }] : []),
    ...[...desired.problems, ...remarks].map((message): Finding => ({ reason: "ManifestInvalid", message })),
    ...failures.map(({ message }): Finding => ({ reason: "ApplyFailed", message })),
    ...(pruning.refusal === undefined ? [] : [{ reason: "PruneRefused", message: pruning.refusal } as const]),
    ...unpruned.map((message): Finding => ({ reason: "PruneFailed", message })),
  ];
}

/** Why a source could not be read. */
export function problemOf({ noun, unreadableReason }: SourceIdentity, error: unknown): SourceProblem {
  if (error instanceof SourceUnreadable) return error;
  const message = `the ${noun} cannot be read, so nothing is applied or pruned: ${error instanceof Error ? error.message : String(error)}`;
  return { reason: unreadableReason, message, worthRetrying: true };
}
