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

/** In a session of its own, so that a process group or a session would lose it. Prints its pid. */
const GRANDCHILD = "/usr/bin/setsid /bin/sleep 1000 >/dev/null 2>&1 & echo $!";

/** What the scripts of the same names in `test/fixtures` do, in a shell: it begins in a tenth of the processor time. */
const SCRIPTS: Readonly<Record<string, string>> = {
  "exits-with": "exit $1",
  // What a shell ignores, the program that it becomes ignores too.
  "ignores-stop": "trap '' TERM INT QUIT HUP; echo ignoring; exec /bin/sleep 100000",
  "spawns-grandchild": `${GRANDCHILD}; wait`,
  "leaves-grandchild": `${GRANDCHILD}; exit $1`,
};

/** Programs of the system where they have just the behaviour; else a small script in `test/fixtures`. */
export function fixture(name: string, ...args: string[]): Pick<LaunchSpec, "command" | "args"> {
  if (name === "runs-forever") return { command: "/bin/sleep", args: ["100000"] };
  if (name === "does-not-exist") return { command: "/no/such/program", args: [] };
  if (name === "dies-of") return { command: "/usr/bin/perl", args: ["-e", "kill shift, $$; sleep 1000", ...args] };
  const script = SCRIPTS[name];
  if (script !== undefined) return { command: "/bin/sh", args: ["-c", script, "sh", ...args] };
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
