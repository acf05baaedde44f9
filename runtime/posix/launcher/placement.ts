/** How a process comes into its groups, and what it waits for, before it becomes its program. */
export interface Placement {
  /** A directory descriptor of the cgroup v2 to start in; glibc >= 2.39 only. */
  cgroup?: number;
  /** Files of cgroups (`tasks`, `cgroup.procs`): who writes "0" into them has joined. Without a launcher nothing is joined. */
  joins?: readonly string[];
  /** Without a launcher the program waits for nothing. */
  gate?: Gate;
}

/** Holds the launcher back until the limits of its group stand. */
export interface Gate {
  /** The end of a pipe to read from, above all numbers that a child gives to descriptors. The gate is open when nobody holds the other end. */
  fd: number;
  /** What the launcher writes then, with the rights of the daemon: the gate also opens when the daemon is killed before it has written this. */
  writes: readonly FileWrite[];
}

export interface FileWrite {
  file: string;
  value: string;
}

/** Starts a process so, and returns its pid. */
export type Spawn = (placement: Placement) => number;
