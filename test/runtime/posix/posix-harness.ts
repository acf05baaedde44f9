import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { readHierarchies } from "../../../runtime/posix/containment/cgroup/hierarchies.ts";
import type { CgroupRoot } from "../../../runtime/posix/containment/choose-containment.ts";
import { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { eventually } from "../../eventually.ts";
import type { FixtureName, RuntimeHarness } from "../body-under-test.ts";
import { fixture } from "./programs.ts";

/** Where both versions of cgroups are the same code: in them, or without. */
export const inGroupsOrNot: readonly CgroupRoot[] = ["auto", "none"];

/** Each way a tree can be held together on this machine: for what one of them does in its own way. All else is asked of the usual one. */
export function cgroupRoots(): CgroupRoot[] {
  const v2 = readHierarchies().find(({ version, controllers }) => version === 2 && !controllers.includes("pids"));
  return ["auto", "none", ...(v2 ? [v2.home] : [])];
}

export interface PosixHarness extends RuntimeHarness {
  readonly dataDir: string;
  open(): Promise<PosixRuntime>;
  /** What a run has written until now. */
  output(uid: string, run?: number): string;
}

export function makePosixHarness(cgroupRoot: CgroupRoot = "auto"): PosixHarness {
  const dataDir = mkdtempSync(join(tmpdir(), "wctl-runtime-"));
  const output = (uid: string, run?: number): string => {
    const logs = join(dataDir, "homes", uid, "0", "logs");
    const name =
      run === undefined
        ? readdirSync(logs)
            .filter((file) => file.endsWith(".out"))
            .sort()
            .at(-1)
        : `${run}.out`;
    return readFileSync(join(logs, name!), "utf8");
  };
  const whenSettled: Partial<Record<FixtureName, (uid: string) => Promise<unknown>>> = {
    "ignores-stop": (uid) => eventually(() => output(uid) === "ignoring\n", "the program ignores signals"),
    "spawns-grandchild": (uid) => eventually(() => /^\d+\n$/.test(output(uid)), "the grandchild is there"),
    "leaves-grandchild": (uid) => eventually(() => /^\d+\n$/.test(output(uid)), "the grandchild is there"),
  };
  return {
    dataDir,
    output,
    open: () => PosixRuntime.open({ dataDir, clock: systemClock, logger: silentLogger, cgroupRoot }),
    fixture,
    settled: async (name, uid) => void (await whenSettled[name]?.(uid)),
    dispose: async () => rmSync(dataDir, { recursive: true, force: true }),
  };
}
