import { closeSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RunProofs } from "../../../runs/run-proofs.ts";
import type { Limits, Unenforced } from "../../../runtime.ts";
import { put, tryPut } from "../../files/kernel-file.ts";
import type { Spawn } from "../../launcher/placement.ts";
import { isAlive, lastPid, pidsBetween, readStat } from "../../process/proc.ts";
import { canSpawnIntoCgroup, hasLauncher } from "../../process/spawn.ts";
import type { Containment, LimitCounts, LimitNotice } from "../containment.ts";
import type { ExecTree } from "../exec-tree.ts";
import { provenAt } from "../proven.ts";
import { Cgroup, CPU_PERIOD_US, cpuQuotaUs } from "./cgroup.ts";
import { counter, isCode, makeFolder, pidsIn, removeFolder, removeIfEmpty } from "./files.ts";
import { fileNotice } from "./notices.ts";

/**
 * cgroup v2. With glibc >= 2.39 a child starts inside (CLONE_INTO_CGROUP). With an older one the launcher joins
 * before it becomes the program; without a launcher the child is moved right after it was spawned, and so is what it had forked by then. `cgroup.kill` ends all at once.
 */
export class CgroupV2 extends Cgroup implements Containment {
  readonly kind = "cgroup-v2";
  readonly membership = canSpawnIntoCgroup ? "group" : "both";
  readonly #root: string;
  readonly #dataId: string;
  readonly #proofs: RunProofs;
  readonly #controllers: ReadonlySet<string>;

  /** `root` is our folder below the daemon's own cgroup. */
  constructor(root: string, dataId: string, proofs: RunProofs) {
    super(root, "");
    this.#root = root;
    this.#dataId = dataId;
    this.#proofs = proofs;
    this.#controllers = enableControllers(root);
  }

  unenforced(limits: Limits): Unenforced[] {
    const controllerOf = { cpu: "cpu", memory: "memory", processes: "pids" } as const;
    return (["cpu", "memory", "processes"] as const)
      .filter((name) => limits[name] !== undefined && !this.#controllers.has(controllerOf[name]))
      .map((name) => ({
        field: `resources.limits.${name}`,
        reason: `the ${controllerOf[name]} controller is not available to the daemon's cgroup`,
      }));
  }

  spawnInto(uid: string, limits: Limits, spawn: Spawn): { pid: number; unenforced: Unenforced[] } {
    const folder = this.folder(uid);
    makeFolder(folder);
    const unenforced = this.#impose(folder, limits);
    return { pid: this.#spawnIn(uid, folder, spawn), unenforced };
  }

  /** A group inside that of the workload. It has no controllers of its own, so both may have processes. */
  execTree(uid: string, name: string): ExecTree {
    const { folder, ...group } = this.groupOfExec(uid, name);
    return {
      ...group,
      join: (spawn) => {
        makeFolder(folder);
        return this.#spawnIn(uid, folder, spawn);
      },
      fence: () => void tryPut(folder, "cgroup.kill", "1"),
    };
  }

  attach(uid: string, pid: number): void {
    const folder = this.folder(uid);
    makeFolder(folder);
    moveInto(folder, pid);
  }

  fence(uid: string): void {
    const folder = this.folder(uid);
    if (!tryPut(folder, "cgroup.kill", "1")) tryPut(folder, "pids.max", "0");
  }

  limitCounts(uid: string, limits: Limits): LimitCounts {
    const folder = this.folder(uid);
    const hasMemory = limits.memory !== undefined && this.#controllers.has("memory");
    return {
      memory: hasMemory ? counter(folder, "memory.events", "oom_kill") : 0,
      processes: limits.processes === undefined ? 0 : counter(folder, "pids.events", "max"),
    };
  }

  limitNotices(uid: string, limits: Limits, since: LimitCounts): LimitNotice[] {
    const folder = this.folder(uid);
    return [
      ...(limits.memory === undefined ? [] : fileNotice("memory", folder, "memory.events", "oom_kill", since)),
      ...(limits.processes === undefined ? [] : fileNotice("processes", folder, "pids.events", "max", since)),
    ];
  }

  remove(uid: string): void {
    removeFolder(this.folder(uid));
  }

  close(): void {
    removeIfEmpty(this.#root);
  }

  #spawnIn(uid: string, folder: string, spawn: Spawn): number {
    if (!canSpawnIntoCgroup && hasLauncher()) return spawn({ joins: [join(folder, "cgroup.procs")] });
    if (!canSpawnIntoCgroup) {
      const pid = spawn({});
      moveInto(folder, pid);
      this.#moveForkedOutside(uid, pid, folder);
      return pid;
    }
    const fd = openSync(folder, "r");
    try {
      return spawn({ cgroup: fd });
    } finally {
      closeSync(fd);
    }
  }

  /** What the new process forked before it was moved carries its marker with the proof, and a pid that was given out since. We look at those few. */
  #moveForkedOutside(uid: string, pid: number, folder: string): void {
    for (let from = pid, to = lastPid(); from !== to; from = to, to = lastPid()) {
      for (const candidate of pidsBetween(from, to)) {
        if (provenAt(candidate, this.#dataId, this.#proofs)?.uid === uid && !this.owns(uid, candidate)) {
          moveInto(folder, candidate);
        }
      }
    }
  }

  #impose(folder: string, limits: Limits): Unenforced[] {
    const refused: Unenforced[] = [];
    const write = (controller: string, limit: keyof Limits, file: string, value: string): void => {
      if (!this.#controllers.has(controller) || tryPut(folder, file, value) || limits[limit] === undefined) return;
      refused.push({ field: `resources.limits.${limit}`, reason: `writing ${file} failed` });
    };
    write("pids", "processes", "pids.max", String(limits.processes ?? "max"));
    write("memory", "memory", "memory.max", String(limits.memory ?? "max"));
    if (this.#controllers.has("memory")) {
      tryPut(folder, "memory.swap.max", limits.memory === undefined ? "max" : "0");
      tryPut(folder, "memory.oom.group", "1"); // The tree is one workload: it ends together.
    }
    const quota = limits.cpu === undefined ? "max" : cpuQuotaUs(limits.cpu);
    write("cpu", "cpu", "cpu.max", `${quota} ${CPU_PERIOD_US}`);
    return refused;
  }
}

function moveInto(folder: string, pid: number): void {
  try {
    put(folder, "cgroup.procs", String(pid));
  } catch (error) {
    if (!isCode(error, "ESRCH") && isAlive(readStat(pid))) throw error; // Else it has ended already.
  }
}

/** A cgroup that holds processes can't hand controllers down. So the daemon moves into a leaf of its own when it is alone there. */
function enableControllers(root: string): Set<string> {
  const home = dirname(root);
  for (const controller of ["pids", "memory", "cpu"]) {
    if (!tryPut(home, "cgroup.subtree_control", `+${controller}`) && aloneIn(home)) {
      makeFolder(join(home, "wctld"));
      tryPut(join(home, "wctld"), "cgroup.procs", "0");
      tryPut(home, "cgroup.subtree_control", `+${controller}`);
    }
    tryPut(root, "cgroup.subtree_control", `+${controller}`);
  }
  return new Set(readFileSync(join(root, "cgroup.subtree_control"), "utf8").split(/\s+/).filter(Boolean));
}

function aloneIn(home: string): boolean {
  const pids = pidsIn(home);
  return pids.length === 1 && pids[0] === process.pid;
}
