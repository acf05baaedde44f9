import type { Limits, PriorityClass, Unenforced } from "../../runtime.ts";
import { constants } from "../ffi/constants.ts";
import { encode } from "../ffi/struct-codec.ts";
import { structs } from "../ffi/structs.ts";
import type { Winapi } from "../ffi/winapi.ts";

export const PRIORITY: Readonly<Record<PriorityClass, number>> = {
  Idle: constants.IDLE_PRIORITY_CLASS,
  BelowNormal: constants.BELOW_NORMAL_PRIORITY_CLASS,
  Normal: constants.NORMAL_PRIORITY_CLASS,
  AboveNormal: constants.ABOVE_NORMAL_PRIORITY_CLASS,
  High: constants.HIGH_PRIORITY_CLASS,
};

export interface JobSettings {
  limits: Limits;
  priorityClass?: PriorityClass;
  affinity?: readonly number[];
}

/** The limit of the tree, and so of each process in it: a message of the system says which of the two was met. */
const MEMORY = constants.JOB_OBJECT_LIMIT_PROCESS_MEMORY | constants.JOB_OBJECT_LIMIT_JOB_MEMORY;

/**
 * The whole JobObjectExtendedLimitInformation: not every system reads back what was set, so nothing is ever added to it. No breakaway (S07), and no
 * kill-on-close (docs/decisions/0010). A crash ends the process instead of asking somebody at a screen that nobody sees.
 */
export function extendedLimits({ limits, priorityClass, affinity }: JobSettings): Buffer {
  const { memory, processes } = limits;
  const mask = affinity && affinity.length > 0 ? affinityMask(affinity) : undefined;
  const bytes = BigInt(Math.floor(memory ?? 0));
  return encode(structs.JOBOBJECT_EXTENDED_LIMIT_INFORMATION, {
    LimitFlags:
      constants.JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION |
      (memory === undefined ? 0 : MEMORY) |
      (processes === undefined ? 0 : constants.JOB_OBJECT_LIMIT_ACTIVE_PROCESS) |
      (priorityClass === undefined ? 0 : constants.JOB_OBJECT_LIMIT_PRIORITY_CLASS) |
      (mask === undefined ? 0 : constants.JOB_OBJECT_LIMIT_AFFINITY),
    ...(memory !== undefined && { ProcessMemoryLimit: bytes, JobMemoryLimit: bytes }),
    ...(processes !== undefined && { ActiveProcessLimit: processes }),
    ...(priorityClass !== undefined && { PriorityClass: PRIORITY[priorityClass] }),
    ...(mask !== undefined && { Affinity: mask }),
  });
}

/** A hard cap of `cpu` processors. CpuRate counts ten-thousandths of the whole machine. */
export function cpuRate(cpu: number, processors: number): Buffer {
  const share = Math.round((cpu / processors) * 10_000);
  return encode(structs.JOBOBJECT_CPU_RATE_CONTROL_INFORMATION, {
    ControlFlags: constants.JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | constants.JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP,
    CpuRate: Math.min(10_000, Math.max(1, share)),
  });
}

/** One bit for each processor of group 0, the only group that a job's affinity can name. */
export function affinityMask(processors: readonly number[]): bigint {
  return processors.filter((cpu) => cpu >= 0 && cpu < 64).reduce((mask, cpu) => mask | (1n << BigInt(cpu)), 0n);
}

/** The processors of the machine, also where this daemon itself may run on some of them only. */
export interface ProcessorCounts {
  all: number;
  /** A group has at most 64; larger machines have several, not always of one size. */
  firstGroup: number;
}

export const processorCounts = (api: Pick<Winapi, "GetActiveProcessorCount">): ProcessorCounts => ({
  all: api.GetActiveProcessorCount(constants.ALL_PROCESSOR_GROUPS),
  firstGroup: api.GetActiveProcessorCount(0),
});

/** Processors that a mask can't name. */
export function unreachableProcessors(affinity: readonly number[] | undefined, firstGroup: number): Unenforced[] {
  const missing = (affinity ?? []).filter((cpu) => cpu >= firstGroup);
  if (missing.length === 0) return [];
  const reason = `processors ${missing.join(",")} are not in the first group of this machine, which has ${firstGroup}`;
  return [{ field: "resources.affinity", reason }];
}
