import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { CgroupRoot } from "../../../runtime/posix/containment/choose-containment.ts";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { readStat } from "../../../runtime/posix/process/proc.ts";
import { eventually } from "../../eventually.ts";
import { endAll } from "../end-all.ts";
import { Observer } from "../observer.ts";
import { launchSpec } from "../specs.ts";
import { cgroupRoots, fixture, makePosixHarness, type PosixHarness } from "./posix-harness.ts";

for (const root of cgroupRoots()) firstThread(root);

function firstThread(root: CgroupRoot): void {
  describe(`a program whose first thread has ended lives as long as any other thread (cgroups: ${root})`, () => {
    let harness: PosixHarness;
    let runtime: PosixRuntime;
    const mayEnd = () => join(harness.dataDir, "may-end");
    const start = async (): Promise<number> => {
      const { pid } = await runtime.start(launchSpec({ uid: "a", ...fixture("first-thread-ends", mayEnd()) }));
      await eventually(() => harness.output("a") === "alone\n", "the first thread has ended");
      assert.equal(readStat(pid)?.state, "Z");
      return pid;
    };
    const reopen = async () => {
      await runtime.close();
      runtime = await harness.open();
      return runtime.recover();
    };
    beforeEach(async () => {
      harness = makePosixHarness(root);
      runtime = await harness.open();
      await runtime.recover();
    });
    afterEach(async () => {
      writeFileSync(mayEnd(), ""); // Whatever a failed test has lost ends too.
      await endAll(runtime);
      await runtime.close();
      await harness.dispose();
    });

    it("is adopted by the next daemon, not started a second time, and its end is told when it comes", async () => {
      const pid = await start();
      const [state] = await reopen();
      assert.deepEqual([state?.pid, state?.phase, state?.treeAlive], [pid, "running", true]);
      await assert.rejects(runtime.start(launchSpec({ uid: "a", run: 2, ...fixture("runs-forever") })), {
        reason: "AlreadyRunning",
      });
      const seen = new Observer(runtime);
      writeFileSync(mayEnd(), "");
      assert.equal((await seen.saw("exited", "a")).exit.code, 7);
    });

    it("is measured like any other", async () => {
      await start();
      const usage = (await runtime.usage()).get("a")!;
      assert.equal(usage.processes, 1);
      assert.ok(usage.memoryBytes > 1024 * 1024, `${usage.memoryBytes} bytes`);
      assert.ok(usage.handles >= 3, `${usage.handles} handles`);
    });

    it("is ended by the kill, also by the next daemon's", async () => {
      const pid = await start();
      await reopen();
      await runtime.kill("a");
      assert.equal(readStat(pid), undefined);
    });

    it("keeps the tree alive after the main process", async () => {
      const { command, args } = fixture("first-thread-ends", mayEnd());
      const script = '"$@" & exit 0';
      await runtime.start(launchSpec({ uid: "a", command: "/bin/sh", args: ["-c", script, "sh", command, ...args] }));
      await eventually(() => harness.output("a") === "alone\n", "the first thread has ended");
      const [state] = await reopen();
      assert.deepEqual([state?.phase, state?.treeAlive], ["exited", true]);
      await assert.rejects(runtime.forget("a"), /still lives/);
    });
  });
}
