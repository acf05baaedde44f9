import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { readStat } from "../../../runtime/posix/process/proc.ts";
import { eventually } from "../../eventually.ts";
import { bodyUnderTest } from "../body-under-test.ts";
import { launchSpec } from "../specs.ts";
import { inGroupsOrNot, makePosixHarness } from "./posix-harness.ts";
import { fixture } from "./programs.ts";

for (const root of inGroupsOrNot) {
  describe(`a program whose first thread has ended lives as long as any other thread (cgroups: ${root})`, () => {
    const body = bodyUnderTest(() => makePosixHarness(root));
    let starts = 0;
    const mayEnd = () => join(body.harness.dataDir, `may-end-${starts}`);
    const program = () => fixture("first-thread-ends", mayEnd());
    const start = async ({ command, args } = program()): Promise<number> => {
      const { pid } = await body.runtime.start(launchSpec({ uid: "a", command, args }));
      await eventually(() => body.harness.output("a") === "alone\n", "the first thread has ended");
      return pid;
    };
    // Whatever a failed test has lost ends too.
    afterEach(() => writeFileSync(mayEnd(), ""));

    it("is measured like any other, adopted by the next daemon, not started a second time, and its end is told when it comes", async () => {
      const pid = await start();
      assert.equal(readStat(pid)?.state, "Z");
      const usage = (await body.runtime.usage()).get("a")!;
      assert.equal(usage.processes, 1);
      assert.ok(usage.memoryBytes > 1024 * 1024, `${usage.memoryBytes} bytes`);
      assert.ok(usage.handles >= 3, `${usage.handles} handles`);
      const [state] = await body.reopen();
      assert.deepEqual([state?.pid, state?.phase, state?.treeAlive], [pid, "running", true]);
      await assert.rejects(body.start("a", "runs-forever", { run: 2 }), { reason: "AlreadyRunning" });
      writeFileSync(mayEnd(), "");
      assert.equal((await body.seen.saw("exited", "a")).exit.code, 7);
    });

    it("is ended by the kill, also by the next daemon's", async () => {
      starts++;
      const pid = await start();
      await body.reopen();
      await body.runtime.kill("a");
      assert.equal(readStat(pid), undefined);
    });

    it("keeps the tree alive after the main process", async () => {
      starts++;
      const { command, args } = program();
      await start({ command: "/bin/sh", args: ["-c", '"$@" & exit 0', "sh", command, ...args] });
      const [state] = await body.reopen();
      assert.deepEqual([state?.phase, state?.treeAlive], ["exited", true]);
      await assert.rejects(body.runtime.forget("a"), /still lives/);
    });
  });
}
