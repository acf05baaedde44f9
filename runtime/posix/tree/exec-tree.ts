/** The tree of one probe or hook, inside that of its workload: it can be ended without the workload, and ends with it. */
export interface ExecTree {
  /** Calls `spawn` so that the child is in it as early as the system allows. As `Containment.spawnInto`; limits are the workload's. */
  join(spawn: (cgroup?: number) => number): number;
  members(): number[];
  owns(pid: number): boolean;
  /** Makes the killing of it end. It is not used again. */
  fence(): void;
  /** Of an empty one. */
  remove(): void;
}
