import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { markedProcesses } from "../../../runtime/posix/marker.ts";
import { eventually, Observer } from "../observer.ts";
import { launchSpec } from "../specs.ts";
import { cgroupRoots, fixture, fixturePath, makePosixHarness } from "./posix-harness.ts";

const TREES = 34;

for (const root of cgroupRoots()) {
  describe(`trees (cgroups: ${root})`, () => {
    it(`nothing of ${TREES} double-forked trees is left after the kill`, async () => {
      const harness = makePosixHarness(root);
      const runtime = await harness.open();
      await runtime.recover();
      const script =
        "/usr/bin/setsid /bin/sh -c '/usr/bin/setsid /bin/sleep 1000 & exit' & echo begun; exec /bin/sleep 1000";
      const uids = Array.from({ length: TREES }, (_, index) => `tree-${index}`);
      for (const uid of uids) await runtime.start(launchSpec({ uid, command: "/bin/sh", args: ["-c", script] }));
      const marked = () => markedProcesses(readFileSync(join(harness.dataDir, "data-id"), "utf8").trim());
      await eventually(() => uids.every((uid) => marked().get(uid)?.length === 2), "each tree has its grandchild");
      await Promise.all(uids.map((uid) => runtime.kill(uid)));
      assert.deepEqual(marked(), new Map());
      assert.ok(runtime.list().every(({ treeAlive }) => !treeAlive));
      for (const uid of uids) await runtime.forget(uid);
      await runtime.close();
      await harness.dispose();
    });

    it("the grandchild's natural end is the end of the tree, told without a kill", async () => {
      const harness = makePosixHarness(root);
      const runtime = await harness.open();
      const seen = new Observer(runtime);
      await runtime.recover();
      await runtime.start(
        launchSpec({ uid: "a", command: "/bin/sh", args: ["-c", "/usr/bin/setsid /bin/sleep 0.3 & exit 5"] }),
      );
      assert.equal((await seen.saw("exited", "a")).exit.code, 5);
      assert.equal(runtime.get("a")!.treeAlive, true);
      await seen.saw("tree-ended", "a");
      assert.equal(runtime.get("a")!.treeAlive, false);
      await runtime.forget("a");
      await runtime.close();
      await harness.dispose();
    });

    it("a fixture that double-forks is one tree in the usage", async () => {
      const harness = makePosixHarness(root);
      const runtime = await harness.open();
      await runtime.recover();
      await runtime.start(launchSpec({ uid: "a", ...fixture("double-forks") }));
      await eventually(() => /^\d+\n$/.test(harness.output("a")), fixturePath("double-forks"));
      assert.equal((await runtime.usage()).get("a")!.processes, 2);
      await runtime.kill("a");
      await runtime.forget("a");
      await runtime.close();
      await harness.dispose();
    });
  });
}

describe("a thousand exits at once", () => {
  it("are all told, each once, with the end of its tree after it", async () => {
    const harness = makePosixHarness();
    const runtime = await harness.open();
    const seen = new Observer(runtime);
    await runtime.recover();
    const uids = Array.from({ length: 1000 }, (_, index) => `n-${index}`);
    for (const uid of uids) await runtime.start(launchSpec({ uid, ...fixture("runs-forever") }));
    for (const { pid } of runtime.list()) process.kill(pid, "SIGKILL");
    await Promise.all(uids.map((uid) => seen.saw("tree-ended", uid)));
    const told = new Map<string, string[]>();
    for (const { uid, type } of seen.events) told.set(uid, [...(told.get(uid) ?? []), type]);
    assert.equal(told.size, 1000);
    for (const types of told.values()) assert.deepEqual(types, ["exited", "tree-ended"]);
    for (const uid of uids) await runtime.forget(uid);
    await runtime.close();
    await harness.dispose();
  });
});
