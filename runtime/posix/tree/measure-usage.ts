import { readdirSync, readFileSync } from "node:fs";
import type { TreeMember, Usage } from "../../runtime.ts";
import type { Containment } from "../containment/containment.ts";
import { isAlive, otherThreads, readStat } from "../process/proc.ts";

const PAGE_BYTES = 4096;

/** Sums over the tree. A process that ends while we look counts with what we saw of it. */
export function measureTree(containment: Containment, uid: string): Usage {
  const tree: TreeMember[] = [];
  const usage: Usage = { cpuSeconds: 0, memoryBytes: 0, handles: 0, processes: 0 };
  for (const pid of containment.members(uid)) {
    const stat = readStat(pid);
    if (!stat || !isAlive(stat)) continue;
    usage.processes++;
    usage.cpuSeconds += stat.cpuSeconds;
    const thread = stat.state === "Z" ? (otherThreads(pid)[0] ?? pid) : pid;
    const memoryBytes = (thread === pid ? stat.residentPages : residentPages(pid, thread)) * PAGE_BYTES;
    usage.memoryBytes += memoryBytes;
    const { parent, name, cpuSeconds } = stat;
    tree.push({ pid, parent, image: Buffer.from(name, "latin1").toString(), cpuSeconds, memoryBytes });
    usage.handles += openDescriptors(pid, thread);
  }
  return { ...usage, tree: tree.sort((a, b) => a.pid - b.pid) };
}

/** The first thread has no memory after its own end. */
function residentPages(pid: number, thread: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/statm`, "latin1").split(" ")[1]);
  } catch {
    return 0;
  }
}

/** 0 for a process of another user that we may not look into. */
function openDescriptors(pid: number, thread: number): number {
  try {
    return readdirSync(`/proc/${pid}/task/${thread}/fd`).length;
  } catch {
    return 0;
  }
}
