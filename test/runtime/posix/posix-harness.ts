import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { readHierarchies } from "../../../runtime/posix/containment/cgroup/hierarchies.ts";
import type { CgroupRoot } from "../../../runtime/posix/containment/choose-containment.ts";
import { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import type { LaunchSpec } from "../../../runtime/runtime.ts";
import { eventually } from "../../eventually.ts";
import type { FixtureName, RuntimeHarness } from "../contract.ts";

/** Programs of the system where one has just the behaviour; else a small script in `test/fixtures`. */
export function fixture(name: string, ...args: string[]): Pick<LaunchSpec, "command" | "args"> {
  if (name === "runs-forever") return { command: "/bin/sleep", args: ["100000"] };
  if (name === "does-not-exist") return { command: "/no/such/program", args: [] };
  return { command: process.execPath, args: [fixturePath(name), ...args] };
}

export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}.mjs`, import.meta.url));
}

/** Each way a tree can be held together on this machine. */
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
    const logs = join(dataDir, "instances", uid, "logs");
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
