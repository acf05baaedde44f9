import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeName } from "../../../runs/folder-name.ts";
import type { Limits, Unenforced } from "../../../runtime.ts";
import { put, tryPut } from "../../files/kernel-file.ts";
import type { Placement, Spawn } from "../../launcher/placement.ts";
import { behindGate } from "../../process/gate.ts";
import { hasLauncher } from "../../process/spawn.ts";
import type { Containment, LimitCounts, LimitNotice } from "../containment.ts";
import type { ExecTree } from "../exec-tree.ts";
import { Cgroup } from "./cgroup.ts";
import { counter, isCode, makeFolder, removeFolder, removeIfEmpty } from "./files.ts";
import { eventfdNotice, fileNotice } from "./notices.ts";
import { impose, lift, limitWrites, type V1Groups } from "./v1-limits.ts";

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
 * does that without the lock that makes moving another process cost up to 12 ms (docs/decisions/0003). While the thread is inside, the limit of
 * processes is lifted, so that it never meets the daemon itself. The child waits at a gate until it stands again. The other hierarchies the child joins
 * itself, before it becomes the program; only without a launcher our thread steps into these too.
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

  spawnInto(uid: string, limits: Limits, spawn: Spawn): { pid: number; unenforced: Unenforced[] } {
    const { entered, joined } = this.#groups(uid, limits);
    // Looked for, since a first start has none: the exceptions of what they are missing for would cost more than the rest of this.
    for (const folder of [...entered.values(), ...joined.values()]) if (!existsSync(folder)) makeFolder(folder);
    const refused = impose(limitWrites(joined, limits));
    const joins = [...joined.values()].map((folder) => join(folder, "tasks"));
    const start = (more: Placement): number => this.#inside(entered, () => spawn({ joins, ...more }));
    const writes = limitWrites(entered, limits);
    lift(entered, limits);
    if (writes.length === 0) return { pid: start({}), unenforced: refused };
    return behindGate((fd) => {
      const pid = start({ gate: { fd, writes } });
      return { pid, unenforced: [...refused, ...impose(writes)] };
    });
  }

  /**
   * Beside a busy workload limits can't be lifted, and they must never meet the daemon's thread. So that thread steps into the group only, and the
   * command joins the other hierarchies itself, where its workload is limited.
   */
  execTree(uid: string, name: string): ExecTree {
    const { folder, ...group } = this.groupOfExec(uid, name);
    const limited = [this.#folder("memory", uid), this.#folder("cpu", uid)].filter((one) => one && existsSync(one));
    const joins = limited.map((one) => join(one!, "tasks"));
    return {
      ...group,
      join: (spawn) => this.#inside(new Map([["pids", folder]]), () => spawn({ joins })),
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

  /** Those that our thread steps into, and those that the launcher joins. */
  #groups(uid: string, limits: Limits): { entered: V1Groups; joined: V1Groups } {
    const pids: V1Groups = new Map([["pids", this.folder(uid)]]);
    const limited = new Map<keyof V1Roots, string>();
    const memory = this.#folder("memory", uid);
    const cpu = this.#folder("cpu", uid);
    if (limits.memory !== undefined && memory) limited.set("memory", memory);
    if (limits.cpu !== undefined && cpu) limited.set("cpu", cpu);
    if (hasLauncher()) return { entered: pids, joined: limited };
    return { entered: new Map([...pids, ...limited]), joined: new Map() };
  }

  #inside<T>(groups: V1Groups, act: () => T): T {
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
