import { basename, join } from "node:path";
import { decodeName, encodeName } from "../../../runs/folder-name.ts";
import { tryPut } from "../../files/kernel-file.ts";
import type { ExecTree } from "../exec-tree.ts";
import { execGroups, makeFolder, ownPids, pidsBelow, pidsIn, removeFolder, subfolders } from "./files.ts";
import { isInGroup, pathOfGroup } from "./group-path.ts";

/** The period that a CPU quota counts for. */
export const CPU_PERIOD_US = 100_000;

/** The quota of `cpu` processors in that period; the kernel refuses less than a millisecond. */
export const cpuQuotaUs = (cpu: number): number => Math.max(1000, Math.round(cpu * CPU_PERIOD_US));

/**
 * What both versions have in common: one hierarchy tells which processes belong together. Our folder is in it; in that is a group for each instance,
 * and in that one for each probe or hook.
 */
export abstract class Cgroup {
  readonly #root: string;
  readonly #controller: "" | "pids";
  readonly #path: string | undefined;

  /** `root`: our folder; it is made when it is missing. `controller`: names the v1 hierarchy; "" is v2. */
  protected constructor(root: string, controller: "" | "pids") {
    this.#root = root;
    this.#controller = controller;
    this.#path = pathOfGroup(root);
    makeFolder(root);
  }

  abstract execTree(uid: string, name: string): ExecTree;

  execTrees(uid: string): ExecTree[] {
    return execGroups(this.folder(uid)).map((name) => this.execTree(uid, name));
  }

  members(uid: string): number[] {
    return pidsBelow(this.folder(uid));
  }

  ownMembers(uid: string): number[] {
    return ownPids(this.folder(uid));
  }

  owns(uid: string, pid: number): boolean {
    return this.#has(encodeName(uid), pid);
  }

  unfence(uid: string): void {
    tryPut(this.folder(uid), "pids.max", "max");
  }

  uids(): string[] {
    return subfolders(this.#root).map(decodeName);
  }

  protected folder(uid: string): string {
    return join(this.#root, encodeName(uid));
  }

  /** The group of a probe or hook, inside that of its workload. */
  protected groupOfExec(uid: string, name: string): Pick<ExecTree, "members" | "owns" | "remove"> & { folder: string } {
    const folder = join(this.folder(uid), name);
    return {
      folder,
      members: () => pidsIn(folder),
      owns: (pid) => this.#has(`${encodeName(uid)}/${name}`, pid),
      remove: () => removeFolder(folder),
    };
  }

  /** Whether the process is in this group of ours or below it. */
  #has(group: string, pid: number): boolean {
    return isInGroup(
      pid,
      this.#controller,
      this.#path && `${this.#path}/${group}`,
      `/${basename(this.#root)}/${group}`,
    );
  }
}
