import { controllerOf, type Stored } from "./object.ts";
import type { Instance } from "./types.generated.ts";

/** The copy of a Process whose output is asked for; an Instance that no Process owns is the only copy of itself. */
export interface LoggedCopy {
  /** The uid of the Process, or of such an Instance. */
  owner: string;
  index: number;
  /** The uid of the Instance that is there now. */
  instance?: string;
  /** That Instance itself was asked for: unless a run is named, what its predecessors wrote is not meant. */
  isInstance?: boolean;
}

/** The copy that an Instance is of: the uid of its Process, and which of them. One without a Process is the only copy of itself. */
export function copyIdentity(instance: Stored<Instance>): Pick<LoggedCopy, "owner" | "index"> {
  const owner = controllerOf(instance)?.uid;
  return owner === undefined ? { owner: instance.metadata.uid, index: 0 } : { owner, index: instance.spec.index };
}
