import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ: the unit of the times in /proc/PID/stat on every Linux architecture that Node supports. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that a process, all its threads included, has used (proc(5): utime, stime). */
export const cpuSeconds = (pid: number): number => ticks(pid, 11) / TICKS_PER_SECOND;

/** The same of the children that it waited for, and of theirs (cutime, cstime). */
export const cpuSecondsOfEnded = (pid: number): number => ticks(pid, 13) / TICKS_PER_SECOND;

/** Seconds of processor time of a process that lives, and of the children that it waited for. */
export function cpuSecondsWithEnded(pid: number): number {
  return Math.max(cpuSeconds(pid), scheduledSeconds(pid)) + cpuSecondsOfEnded(pid);
}

/** The kernel's finer account of the main thread: the ticks of a child that needed 3 ms are none. */
function scheduledSeconds(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e9;
  } catch {
    return 0; // A kernel without it.
  }
}

/** Of user and system together; they stand beside each other. */
function ticks(pid: number, user: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[user]) + Number(fields[user + 1]);
}

/** Proportional set size in MiB: private memory, plus a fair share of what is shared. */
export function pssMiB(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1]) / 1024;
}

/** The process itself and those it started that are not workloads, e.g. workers in processes of their own. */
export function family(pid: number, isWorkload: (command: string) => boolean): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0")[0] ?? "";
      if (!isWorkload(command)) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It ended while we looked.
    }
  }
  const members = [pid];
  for (const member of members) {
    for (const [child, parent] of parents) if (parent === member) members.push(child);
  }
  return members;
}
