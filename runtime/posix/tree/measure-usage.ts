import { readdirSync } from "node:fs";
import type { Usage } from "../../runtime.ts";
import { readStat } from "../process/proc.ts";
import type { Containment } from "./containment.ts";

const PAGE_BYTES = 4096;

/** Sums over the tree. Processes that end while we look count for what was seen of them. */
export function measureTree(containment: Containment, uid: string): Usage {
  const usage: Usage = { cpuSeconds: 0, memoryBytes: 0, handles: 0, processes: 0 };
  for (const pid of containment.members(uid)) {
    const stat = readStat(pid);
    if (!stat || stat.state === "Z") continue;
    usage.processes++;
    usage.cpuSeconds += stat.cpuSeconds;
    usage.memoryBytes += stat.residentPages * PAGE_BYTES;
    usage.handles += openDescriptors(pid);
  }
  return usage;
}

/** 0 for a process of another user that we may not look into. */
function openDescriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
