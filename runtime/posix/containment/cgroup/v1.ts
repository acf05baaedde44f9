import { closeSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeName } from "../../../runs/folder-name.ts";
import type { Limits, Unenforced } from "../../../runtime.ts";
import { put, tryPut } from "../../files/kernel-file.ts";
import type { Containment, LimitCounts, LimitNotice } from "../containment.ts";
import type { ExecTree } from "../exec-tree.ts";
import { Cgroup, CPU_PERIOD_US, cpuQuotaUs } from "./cgroup.ts";
import { counter, isCode, makeFolder, removeFolder, removeIfEmpty } from "./files.ts";
import { eventfdNotice, fileNotice } from "./notices.ts";

/** Our folder (`wctl-<data id>`) in each hierarchy that can be written. */
export interface V1Roots {
  pids: string;
  memory?: string;
  cpu?: string;
}

/**
 * cgroup v1. The `pids` hierarchy is the group: it has the members, the limit of processes, and (with a limit of 0) the fence that lets a kill come
 * to its end. Memory and CPU join only when they are limited.
 *
 * A child starts inside: this thread steps into the group, spawns, and steps back. Writing "0" to `tasks` moves only the writing thread. The kernel
 * does that without the lock that makes moving another process cost up to 12 ms (docs/decisions/0003). While the thread is inside, limits are lifted,
 * so that they never meet the daemon itself.
 */
export class CgroupV1 extends Cgroup implements Containment {
  readonly kind = "cgroup-v1";
  readonly membership = "group";
  readonly #roots: V1Roots;
  readonly #homes: Homes;

  constructor(roots: V1Roots) {
    super(roots.pids, "pids");
    this.#roots = roots;
    for (const root of Object.values(roots)) makeFolder(root as string);
    this.#homes = {
      pids: homeTasks(roots.pids),
      ...(roots.memory && { memory: homeTasks(roots.memory) }),
      ...(roots.cpu && { cpu: homeTasks(roots.cpu) }),
    };
  }

  unenforced(limits: Limits): Unenforced[] {
    const missing: Unenforced[] = [];
    const say = (name: string): void => {
      missing.push({
        field: `resources.limits.${name}`,
        reason: `the ${name} cgroup of this machine can't be written`,
      });
    };
    if (limits.cpu !== undefined && !this.#roots.cpu) say("cpu");
    if (limits.memory !== undefined && !this.#roots.memory) say("memory");
    return missing;
  }

  spawnInto(uid: string, limits: Limits, spawn: () => number): { pid: number; unenforced: Unenforced[] } {
    const groups = this.#groups(uid, limits);
    lift(groups, limits);
    const pid = this.#inside(groups, spawn);
    return { pid, unenforced: impose(groups, limits) };
  }

  /** It is only a member: beside a busy workload the limits can't be lifted, and they must never meet the daemon's thread. */
  execTree(uid: string, name: string): ExecTree {
    const { folder, ...group } = this.groupOfExec(uid, name);
    return {
      ...group,
      join: (spawn) => this.#inside(new Map([["pids", folder]]), spawn),
      fence: () => void tryPut(folder, "pids.max", "0"),
    };
  }

  attach(uid: string, pid: number): void {
    const folder = this.folder(uid);
    makeFolder(folder);
    put(folder, "cgroup.procs", String(pid));
  }

  fence(uid: string): void {
    tryPut(this.folder(uid), "pids.max", "0");
  }

  limitCounts(uid: string, limits: Limits): LimitCounts {
    const memory = limits.memory === undefined ? undefined : this.#folder("memory", uid);
    return {
      memory: memory ? counter(memory, "memory.oom_control", "oom_kill") : 0,
      processes: limits.processes === undefined ? 0 : counter(this.folder(uid), "pids.events", "max"),
    };
  }

  limitNotices(uid: string, limits: Limits, since: LimitCounts): LimitNotice[] {
    const notices: LimitNotice[] = [];
    const memory = this.#folder("memory", uid);
    if (limits.memory !== undefined && memory) {
      notices.push(...eventfdNotice("memory", memory, "memory.oom_control", "oom_kill", since));
    }
    if (limits.processes !== undefined) {
      notices.push(...fileNotice("processes", this.folder(uid), "pids.events", "max", since));
    }
    return notices;
  }

  remove(uid: string): void {
    const folders = [this.folder(uid), this.#folder("memory", uid), this.#folder("cpu", uid)];
    for (const folder of folders) if (folder) removeFolder(folder);
  }

  close(): void {
    for (const fd of Object.values(this.#homes)) closeSync(fd as number);
    for (const root of Object.values(this.#roots)) removeIfEmpty(root as string);
  }

  #folder(name: "memory" | "cpu", uid: string): string | undefined {
    const root = this.#roots[name];
    return root === undefined ? undefined : join(root, encodeName(uid));
  }

  #groups(uid: string, limits: Limits): Map<keyof V1Roots, string> {
    const groups = new Map<keyof V1Roots, string>([["pids", this.folder(uid)]]);
    const memory = this.#folder("memory", uid);
    const cpu = this.#folder("cpu", uid);
    if (limits.memory !== undefined && memory) groups.set("memory", memory);
    if (limits.cpu !== undefined && cpu) groups.set("cpu", cpu);
    return groups;
  }

  #inside<T>(groups: ReadonlyMap<keyof V1Roots, string>, act: () => T): T {
    const entered: (keyof V1Roots)[] = [];
    try {
      for (const [name, folder] of groups) {
        this.#enter(name, folder);
        entered.push(name);
      }
      return act();
    } finally {
      for (const name of entered) writeSync(this.#homes[name]!, "0");
    }
  }

  #enter(name: keyof V1Roots, folder: string): void {
    try {
      put(folder, "tasks", "0");
    } catch (error) {
      if (!isCode(error, "ENOENT")) throw error;
      makeFolder(join(this.#roots[name]!));
      makeFolder(folder);
      put(folder, "tasks", "0");
    }
  }
}

type Homes = { pids: number; memory?: number; cpu?: number };

/** Opens the file that takes our thread back to where the daemon lives: the folder above ours. */
function homeTasks(root: string): number {
  return openSync(join(dirname(root), "tasks"), "r+");
}

function lift(groups: ReadonlyMap<keyof V1Roots, string>, limits: Limits): void {
  tryPutIf(limits.processes !== undefined, groups.get("pids"), "pids.max", "max");
  const memory = groups.get("memory");
  if (memory) {
    tryPut(memory, "memory.memsw.limit_in_bytes", "-1");
    tryPut(memory, "memory.limit_in_bytes", "-1");
  }
  tryPutIf(true, groups.get("cpu"), "cpu.cfs_quota_us", "-1");
}

/** Returns what was refused, such as a limit below what is used already. */
function impose(groups: ReadonlyMap<keyof V1Roots, string>, limits: Limits): Unenforced[] {
  const refused: Unenforced[] = [];
  const write = (limit: keyof Limits, folder: string | undefined, file: string, value: number): void => {
    if (folder === undefined) return;
    try {
      put(folder, file, String(value));
    } catch (error) {
      refused.push({
        field: `resources.limits.${limit}`,
        reason: `writing ${file} failed: ${(error as Error).message}`,
      });
    }
  };
  if (limits.processes !== undefined) write("processes", groups.get("pids"), "pids.max", limits.processes);
  if (limits.memory !== undefined) {
    write("memory", groups.get("memory"), "memory.limit_in_bytes", limits.memory);
    tryPutIf(true, groups.get("memory"), "memory.memsw.limit_in_bytes", String(limits.memory)); // Where swap is counted.
  }
  if (limits.cpu !== undefined) {
    write("cpu", groups.get("cpu"), "cpu.cfs_period_us", CPU_PERIOD_US);
    write("cpu", groups.get("cpu"), "cpu.cfs_quota_us", cpuQuotaUs(limits.cpu));
  }
  return refused;
}

function tryPutIf(condition: boolean, folder: string | undefined, file: string, value: string): void {
  if (condition && folder !== undefined) tryPut(folder, file, value);
}
