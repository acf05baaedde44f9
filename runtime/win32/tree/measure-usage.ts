import type { TreeMember, Usage } from "../../runtime.ts";
import type { SystemProcess } from "../process/system-processes.ts";
import { isConsoleHost } from "./tree.ts";

/**
 * Pure. Sums over the members of a tree. `jobCpuSeconds`: what the job has counted for all its processes, those that have ended included. Some
 * systems do not count and give 0, so we take the larger.
 */
export function measureTree(members: readonly SystemProcess[], jobCpuSeconds: number): Usage {
  const sum = (value: (process: SystemProcess) => number): number =>
    members.reduce((total, process) => total + value(process), 0);
  return {
    cpuSeconds: Math.max(
      jobCpuSeconds,
      sum(({ cpuSeconds }) => cpuSeconds),
    ),
    memoryBytes: sum(({ workingSet }) => workingSet),
    handles: sum(({ handles }) => handles),
    processes: members.filter(({ image }) => !isConsoleHost(image)).length,
    privateBytes: sum(({ privateBytes }) => privateBytes),
    threads: sum(({ threads }) => threads),
    tree: members.map(memberOf).sort((a, b) => a.pid - b.pid),
  };
}

const memberOf = ({ pid, parent, image, cpuSeconds, workingSet }: SystemProcess): TreeMember => ({
  pid,
  parent,
  image,
  cpuSeconds,
  memoryBytes: workingSet,
});
