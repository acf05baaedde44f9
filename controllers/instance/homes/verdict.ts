import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";
import type { HomeNote } from "../../../runtime/homes/homes.ts";

/** What the API shows of the Processes. */
export interface ProcessesSeen {
  /** By uid; those that are being deleted make no copies any more, and are left out. */
  living: ReadonlyMap<string, Stored<Process>>;
  /** Whether the store has seen what was noted of a home. */
  knows(home: HomeNote): boolean;
  /** Whether the homes of this Process outlive it, by its uid. */
  outlives(owner: string): boolean;
}

/**
 * What becomes of a home that nobody uses: what `stateRetentionPolicy` of its Process says, as a StatefulSet's says of its volumes. But a store that is
 * older than the home never knew the Process: it was restored, nobody deleted anything, and what the program has kept may be the only copy left. Pure.
 */
export function verdictOf(home: HomeNote, { living, knows, outlives }: ProcessesSeen): "keep" | "retain" | "remove" {
  const owner = living.get(home.owner);
  if (owner) return isScaledAway(home, owner) && (home.standIn || whenScaled(owner) === "Delete") ? "remove" : "keep";
  if (home.isRetained || outlives(home.owner)) return "keep";
  return knows(home) ? "remove" : "retain";
}

const isScaledAway = ({ index }: HomeNote, { spec }: Process): boolean => index >= (spec.replicas ?? 1);

const whenScaled = ({ spec }: Process): "Retain" | "Delete" => spec.stateRetentionPolicy?.whenScaled ?? "Retain";
