import { basename, dirname, join } from "node:path";
import type { Limits, Unenforced } from "../../../runtime.ts";
import { put, tryPut } from "../../files/kernel-file.ts";
import type { FileWrite } from "../../launcher/placement.ts";
import { CPU_PERIOD_US, cpuQuotaUs } from "./cgroup.ts";

/** The folder of the group in each hierarchy that it is in. */
export type V1Groups = ReadonlyMap<"pids" | "memory" | "cpu", string>;

/** One file of a group that a limit is written into. */
export interface LimitWrite extends FileWrite {
  limit: keyof Limits;
  /** Only some kernels have the file. */
  mayFail?: boolean;
}

/** The files that make the limits stand, in the order in which the kernel takes them. */
export function limitWrites(groups: V1Groups, limits: Limits): LimitWrite[] {
  const writes: LimitWrite[] = [];
  const [pids, memory, cpu] = [groups.get("pids"), groups.get("memory"), groups.get("cpu")];
  const add = (limit: keyof Limits, file: string, value: number, mayFail = false): void =>
    void writes.push({ limit, file, value: String(value), mayFail });
  if (pids && limits.processes !== undefined) add("processes", join(pids, "pids.max"), limits.processes);
  if (memory && limits.memory !== undefined) {
    add("memory", join(memory, "memory.limit_in_bytes"), limits.memory);
    add("memory", join(memory, "memory.memsw.limit_in_bytes"), limits.memory, true); // Where swap is counted.
  }
  if (cpu && limits.cpu !== undefined) {
    add("cpu", join(cpu, "cpu.cfs_period_us"), CPU_PERIOD_US);
    add("cpu", join(cpu, "cpu.cfs_quota_us"), cpuQuotaUs(limits.cpu));
  }
  return writes;
}

/** Lets our thread and the dead of the run before be in the groups. */
export function lift(groups: V1Groups, limits: Limits): void {
  const [pids, memory, cpu] = [groups.get("pids"), groups.get("memory"), groups.get("cpu")];
  if (pids && limits.processes !== undefined) tryPut(pids, "pids.max", "max");
  if (memory) {
    tryPut(memory, "memory.memsw.limit_in_bytes", "-1");
    tryPut(memory, "memory.limit_in_bytes", "-1");
  }
  if (cpu) tryPut(cpu, "cpu.cfs_quota_us", "-1");
}

/** Returns what was refused, such as a limit below what is used already. */
export function impose(writes: readonly LimitWrite[]): Unenforced[] {
  return writes.flatMap(({ limit, file, value, mayFail }) => {
    try {
      put(dirname(file), basename(file), value);
      return [];
    } catch (error) {
      const reason = `writing ${basename(file)} failed: ${(error as Error).message}`;
      return mayFail ? [] : [{ field: `resources.limits.${limit}`, reason }];
    }
  });
}
