import type { Spawn } from "../launcher/placement.ts";

/** The tree of one probe or hook, inside that of its workload: it can be ended without the workload, and ends with it. */
export interface ExecTree {
  /** Calls `spawn` so that the child is in the tree as early as the system allows, as `Containment.spawnInto` does; the limits are the workload's. */
  join(spawn: Spawn): number;
  members(): number[];
  owns(pid: number): boolean;
  /** Lets a kill of it come to its end. The tree is not used again. */
  fence(): void;
  /** Removes an empty tree. */
  remove(): void;
}
