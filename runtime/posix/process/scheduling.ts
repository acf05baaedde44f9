import type { PriorityClass, Unenforced } from "../../runtime.ts";
import { PRIO_PGRP, SIZEOF_CPU_SET } from "../ffi/layout.ts";
import { errno, sched_getaffinity, sched_setaffinity, setpriority } from "../ffi/libc.ts";
import { tryPut } from "../files/kernel-file.ts";
import { systemError } from "../system-error.ts";

const NICE: Readonly<Record<PriorityClass, number>> = {
  Idle: 19,
  BelowNormal: 10,
  Normal: 0,
  AboveNormal: -5,
  High: -10,
};

/** Absent: as the daemon has it. The launcher sets it and `applyPriority` sets it again; both must set the same, since either may be first. */
export function niceOf(priority: PriorityClass | undefined, usual: number | undefined): number | undefined {
  return priority === undefined || priority === "Normal" ? usual : NICE[priority];
}

/** Renices the new process group, which includes what it has forked by now. */
export function applyPriority(pid: number, priority: PriorityClass | undefined): Unenforced[] {
  if (priority === undefined || priority === "Normal") return [];
  // Each workload has a session of its own, so on kernels with autogroups its weight against others is the group's.
  tryPut(`/proc/${pid}`, "autogroup", String(NICE[priority]));
  if (setpriority(PRIO_PGRP, pid, NICE[priority]) === 0) return [];
  const { message } = systemError("setpriority", errno());
  return [{ field: "resources.priorityClass", reason: `nice ${NICE[priority]} was refused: ${message}` }];
}

/**
 * Calls `act` while this thread may run on the given processors only; what it starts inherits them from its first instruction. Afterwards it puts the
 * thread's own set back.
 */
export function withAffinity<T>(
  processors: readonly number[] | undefined,
  act: () => T,
): { value: T; unenforced: Unenforced[] } {
  if (processors === undefined || processors.length === 0) return { value: act(), unenforced: [] };
  const before = Buffer.alloc(SIZEOF_CPU_SET);
  sched_getaffinity(0, before.length, before);
  if (sched_setaffinity(0, SIZEOF_CPU_SET, cpuSet(processors)) !== 0) {
    const { message } = systemError("sched_setaffinity", errno());
    const reason = `processors ${processors.join(",")} were refused: ${message}`;
    return { value: act(), unenforced: [{ field: "resources.affinity", reason }] };
  }
  try {
    return { value: act(), unenforced: [] };
  } finally {
    sched_setaffinity(0, before.length, before);
  }
}

function cpuSet(processors: readonly number[]): Buffer {
  const set = Buffer.alloc(SIZEOF_CPU_SET);
  for (const cpu of processors) {
    const byte = cpu >> 3;
    if (byte < set.length) set.writeUInt8(set.readUInt8(byte) | (1 << (cpu & 7)), byte);
  }
  return set;
}
