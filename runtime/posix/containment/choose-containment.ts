import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "../../../lib/logger.ts";
import { replaceFile } from "../../../lib/replace-file.ts";
import type { RunProofs } from "../../runs/run-proofs.ts";
import { type Hierarchy, readHierarchies } from "./cgroup/hierarchies.ts";
import { CgroupV1, type V1Roots } from "./cgroup/v1.ts";
import { CgroupV2 } from "./cgroup/v2.ts";
import type { Containment } from "./containment.ts";
import { MarkerContainment } from "./marker.ts";

/** `auto`, `none`, or the folder of a cgroup (v1 `pids` hierarchy or v2) below which this daemon may make its own. */
export type CgroupRoot = "auto" | "none" | string;

/** Plain data: each thread opens its own. */
export type Choice = { version: 1; roots: V1Roots } | { version: 2; root: string } | { version: 0 };

/**
 * The best containment that this machine gives us. The choice is kept in the data directory: a daemon that is started again from another cgroup must
 * find the groups of its predecessor.
 */
export function chooseContainment(
  dataDir: string,
  dataId: string,
  proofs: RunProofs,
  root: CgroupRoot,
  logger: Logger,
): { choice: Choice; containment: Containment } {
  const name = `wctl-${dataId}`;
  const file = join(dataDir, "containment.json");
  const candidates: Choice[] = [];
  const known = kept(file);
  if (root === "auto") candidates.push(...known, ...choices(readHierarchies(), name));
  else if (root !== "none") candidates.push(...choices(below(root), name));
  for (const choice of candidates) {
    try {
      const containment = openContainment(choice, dataId, proofs);
      if (root === "auto" && !known.includes(choice)) replaceFile(file, `${JSON.stringify(choice)}\n`);
      return { choice, containment };
    } catch (error) {
      logger.debug("a cgroup hierarchy can't be used", { choice, error: String(error) });
    }
  }
  const choice: Choice = { version: 0 };
  return { choice, containment: openContainment(choice, dataId, proofs) };
}

/** Throws when the hierarchy can't be used. */
export function openContainment(choice: Choice, dataId: string, proofs: RunProofs): Containment {
  switch (choice.version) {
    case 0:
      return new MarkerContainment(dataId, proofs);
    case 1:
      return new CgroupV1(choice.roots);
    case 2:
      return new CgroupV2(choice.root, dataId, proofs);
  }
}

/** Pure, except that it probes rights. v2 with controllers, then v1 `pids`, then v2 for grouping only. */
export function choices(hierarchies: readonly Hierarchy[], name: string): Choice[] {
  const writable = hierarchies.filter(({ home }) => canMakeGroups(home));
  const v1 = (controller: string): string | undefined => {
    const found = writable.find((hierarchy) => hierarchy.version === 1 && hierarchy.controllers.includes(controller));
    return found && join(found.home, name);
  };
  const v2 = writable.filter(({ version }) => version === 2);
  const asChoice = ({ home }: Hierarchy): Choice => ({ version: 2, root: join(home, name) });
  const pids = v1("pids");
  const memory = v1("memory");
  const cpu = v1("cpu");
  return [
    ...v2.filter(managesProcesses).map(asChoice),
    ...(pids ? [{ version: 1 as const, roots: { pids, ...(memory && { memory }), ...(cpu && { cpu }) } }] : []),
    ...v2.filter((hierarchy) => !managesProcesses(hierarchy)).map(asChoice),
  ];
}

/** Hybrid systems leave v2 without the controllers that v1 has. */
function managesProcesses({ controllers }: Hierarchy): boolean {
  return controllers.includes("pids");
}

function canMakeGroups(home: string): boolean {
  try {
    accessSync(home, constants.W_OK);
    accessSync(join(home, "cgroup.procs"), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function kept(file: string): Choice[] {
  try {
    const choice = JSON.parse(readFileSync(file, "utf8")) as Exclude<Choice, { version: 0 }>;
    const folders = choice.version === 1 ? Object.values(choice.roots) : [choice.root];
    return folders.every((folder) => typeof folder === "string" && existsSync(folder)) ? [choice] : [];
  } catch {
    return [];
  }
}

function below(root: string): Hierarchy[] {
  const version = existsSync(join(root, "tasks")) ? 1 : 2;
  return [{ version, controllers: version === 1 ? ["pids"] : [], home: root }];
}
