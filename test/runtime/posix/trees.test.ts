import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { CgroupRoot } from "../../../runtime/posix/containment/choose-containment.ts";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { eventually } from "../../eventually.ts";
import { Observer } from "../observer.ts";
import { launchSpec } from "../specs.ts";
import { markedProcesses } from "./marked.ts";
import { cgroupRoots, fixture, fixturePath, makePosixHarness, type PosixHarness } from "./posix-harness.ts";

const TREES = 34;
/** More than twice what one epoll_wait gives (process-worker.ts). */
const EXITS = 600;

async function withRuntime(root: CgroupRoot, act: (runtime: PosixRuntime, harness: PosixHarness) => Promise<void>) {
  const harness = makePosixHarness(root);
  const runtime = await harness.open();
  try {
    await runtime.recover();
    await act(runtime, harness);
  } finally {
    for (const { uid } of runtime.list()) {
      await runtime.kill(uid);
      await runtime.forget(uid).catch(() => {});
    }
    await runtime.close();
    await harness.dispose();
  }
}

const marked = (harness: PosixHarness) => markedProcesses(harness.dataDir);

for (const root of cgroupRoots()) {
  describe(`trees (cgroups: ${root})`, () => {
    it(`nothing of ${TREES} double-forked trees is left after the kill`, () =>
      withRuntime(root, async (runtime, harness) => {
        const script =
          "/usr/bin/setsid /bin/sh -c '/usr/bin/setsid /bin/sleep 1000 & exit' & echo begun; exec /bin/sleep 1000";
        const uids = Array.from({ length: TREES }, (_, index) => `tree-${index}`);
        for (const uid of uids) await runtime.start(launchSpec({ uid, command: "/bin/sh", args: ["-c", script] }));
        await eventually(() => uids.every((uid) => marked(harness).get(uid)?.length === 2), "each has its grandchild");
        await Promise.all(uids.map((uid) => runtime.kill(uid)));
        assert.deepEqual(marked(harness), new Map());
        assert.ok(runtime.list().every(({ treeAlive }) => !treeAlive));
      }));

    it("the grandchild's natural end is the end of the tree, told without a kill", () =>
      withRuntime(root, async (runtime, harness) => {
        const seen = new Observer(runtime);
        const mayEnd = join(harness.dataDir, "may-end");
        const script = `/usr/bin/setsid /bin/sh -c 'until [ -e "$0" ]; do /bin/sleep 0.02; done' "$0" & exit 5`;
        await runtime.start(launchSpec({ uid: "a", command: "/bin/sh", args: ["-c", script, mayEnd] }));
        assert.equal((await seen.saw("exited", "a")).exit.code, 5);
        assert.equal(runtime.get("a")!.treeAlive, true);
        writeFileSync(mayEnd, "");
        await seen.saw("tree-ended", "a");
        assert.equal(runtime.get("a")!.treeAlive, false);
      }));

    it("what double-forks is one tree in the usage", () =>
      withRuntime(root, async (runtime, harness) => {
        await runtime.start(launchSpec({ uid: "a", ...fixture("double-forks") }));
        await eventually(() => /^\d+\n$/.test(harness.output("a")), fixturePath("double-forks"));
        assert.equal((await runtime.usage()).get("a")!.processes, 2);
      }));
  });
}

describe("exits at once, more than the thread hears of in one look", () => {
  it("are all told, each once, with the end of its tree after it", () =>
    withRuntime("auto", async (runtime) => {
      const told = new Map<string, string[]>();
      let ended = 0;
      runtime.subscribe(({ uid, type }) => {
        told.set(uid, [...(told.get(uid) ?? []), type]);
        if (type === "tree-ended") ended++;
      });
      const uids = Array.from({ length: EXITS }, (_, index) => `n-${index}`);
      for (const uid of uids) await runtime.start(launchSpec({ uid, ...fixture("runs-forever") }));
      for (const { pid } of runtime.list()) process.kill(pid, "SIGKILL");
      await eventually(() => ended === EXITS, "all have ended");
      assert.equal(told.size, EXITS);
      for (const types of told.values()) assert.deepEqual(types, ["started", "exited", "tree-ended"]);
    }));
});
