import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { readHierarchies } from "../../../../runtime/posix/containment/cgroup/hierarchies.ts";
import { type Choice, choices, openContainment } from "../../../../runtime/posix/containment/choose-containment.ts";
import type { Containment } from "../../../../runtime/posix/containment/containment.ts";
import type { Placement } from "../../../../runtime/posix/launcher/placement.ts";
import { killAndReap } from "../../../../runtime/posix/process/kill-and-reap.ts";
import { isAlive, readStat } from "../../../../runtime/posix/process/proc.ts";
import { hasLauncher, spawn } from "../../../../runtime/posix/process/spawn.ts";
import { buildEnvironment } from "../../../../runtime/runs/environment.ts";
import { RunProofs } from "../../../../runtime/runs/run-proofs.ts";
import { eventually } from "../../../eventually.ts";

const { arch } = process;
const UID = "a";
const hierarchies = readHierarchies();
const versions = [1, 2].filter((version) => choices(hierarchies, "any").some((choice) => choice.version === version));

/** Such a machine has another architecture; that is all that is different here. */
for (const version of versions) {
  describe(`without a launcher (cgroups v${version})`, () => {
    let dataDir: string;
    let choice: Choice;
    let containment: Containment;
    let spawned: number | undefined;
    beforeEach(() => {
      Object.defineProperty(process, "arch", { value: "riscv64" });
      assert.equal(hasLauncher(), false);
      dataDir = mkdtempSync(join(tmpdir(), "wctl-bare-"));
      choice = choices(hierarchies, `wctl-${basename(dataDir)}`).find((one) => one.version === version)!;
      containment = openContainment(choice, basename(dataDir), new RunProofs(dataDir));
    });
    afterEach(async () => {
      Object.defineProperty(process, "arch", { value: arch });
      for (const pid of containment.members(UID)) if (pid !== spawned) process.kill(pid, "SIGKILL");
      if (spawned !== undefined) killAndReap(spawned);
      await eventually(() => containment.members(UID).length === 0, "the group is empty");
      containment.remove(UID);
      containment.close();
      rmSync(dataDir, { recursive: true, force: true });
    });

    /** Starts a program, and goes on when it has forked. */
    const forked = (placement: Placement): number => {
      const identity = { uid: UID, run: 1, accountId: String(process.geteuid!()) };
      const proof = new RunProofs(dataDir).of(identity);
      const env = buildEnvironment({
        base: {},
        declared: {},
        stateDir: "/",
        identity: { ...identity, dataId: basename(dataDir), proof },
      });
      const argv = ["/bin/sh", "-c", "/bin/sleep 1000 & exec /bin/sleep 1000"];
      const attributes = { keyrings: false, lastCapability: 0 };
      const how = { workingDir: "/", isOwnFolder: false, stdout: 0, stderr: 0, attributes, placement };
      const { pid } = spawn({ image: argv[0]!, argv, env, ...how });
      spawned = pid;
      while (childrenOf(pid) === "") assert.ok(isAlive(readStat(pid)), "it has ended by itself");
      return pid;
    };

    it("a process and what it has forked meanwhile are in the group, and the limits stand afterwards", () => {
      const { pid, unenforced } = containment.spawnInto(UID, { processes: 20, memory: 96 << 20, cpu: 0.5 }, forked);
      assert.deepEqual(containment.members(UID).sort(), [pid, Number(childrenOf(pid))].sort());
      assert.deepEqual(unenforced, []);
      if (choice.version !== 1) return;
      const { pids, memory = "", cpu = "" } = choice.roots;
      const [inMemory, inCpu] = [memory, cpu].map((root) => root && readFileSync(join(root, UID, "tasks"), "utf8"));
      for (const tasks of [inMemory, inCpu]) if (tasks) assert.ok(tasks.split("\n").includes(String(pid)));
      assert.equal(readFileSync(join(pids, UID, "pids.max"), "utf8"), "20\n");
    });
  });
}

const childrenOf = (pid: number): string => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
