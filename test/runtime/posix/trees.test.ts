import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { eventually } from "../../eventually.ts";
import type { Observer } from "../observer.ts";
import { sharedRuntime } from "../shared-runtime.ts";
import { launchSpec } from "../specs.ts";
import { markedProcesses } from "./marked.ts";
import { cgroupRoots, makePosixHarness, type PosixHarness } from "./posix-harness.ts";
import { fixture } from "./programs.ts";

const TREES = 12;

for (const root of cgroupRoots()) {
  describe(`trees (cgroups: ${root})`, () => {
    let harness: PosixHarness;
    let runtime: PosixRuntime;
    let seen: Observer;
    sharedRuntime(
      () => makePosixHarness(root),
      (shared) => {
        ({ harness, runtime, seen } = shared);
      },
    );
    const marked = () => markedProcesses(harness.dataDir);

    it(`nothing of ${TREES} double-forked trees is left after the kill`, async () => {
      const script =
        "/usr/bin/setsid /bin/sh -c '/usr/bin/setsid /bin/sleep 1000 & exit' & echo begun; exec /bin/sleep 1000";
      const uids = Array.from({ length: TREES }, (_, index) => `tree-${index}`);
      for (const uid of uids) await runtime.start(launchSpec({ uid, command: "/bin/sh", args: ["-c", script] }));
      await eventually(() => {
        const all = marked();
        return uids.every((uid) => all.get(uid)?.length === 2);
      }, "each has its grandchild");
      await Promise.all(uids.map((uid) => runtime.kill(uid)));
      assert.deepEqual(marked(), new Map());
      assert.ok(runtime.list().every(({ treeAlive }) => !treeAlive));
    });

    it("the grandchild's natural end is the end of the tree, told without a kill", async () => {
      const mayEnd = join(harness.dataDir, "may-end");
      const script = `/usr/bin/setsid /bin/sh -c 'until [ -e "$0" ]; do /bin/sleep 0.02; done' "$0" & exit 5`;
      await runtime.start(launchSpec({ uid: "a", command: "/bin/sh", args: ["-c", script, mayEnd] }));
      assert.equal((await seen.saw("exited", "a")).exit.code, 5);
      assert.equal(runtime.get("a")!.treeAlive, true);
      writeFileSync(mayEnd, "");
      await seen.saw("tree-ended", "a");
      assert.equal(runtime.get("a")!.treeAlive, false);
    });

    it("its first instruction is inside the group", { skip: root === "none" && "it has no group" }, async () => {
      await runtime.start(launchSpec({ uid: "a", command: "/bin/cat", args: ["/proc/self/cgroup"] }));
      await seen.saw("tree-ended", "a");
      assert.match(harness.output("a"), /:\/.*wctl-[^/]+\/a$/m);
    });

    it("what double-forks is one tree in the usage", async () => {
      await runtime.start(launchSpec({ uid: "a", ...fixture("double-forks") }));
      await eventually(() => /^\d+\n$/.test(harness.output("a")), "it has forked twice");
      assert.equal((await runtime.usage()).get("a")!.processes, 2);
    });
  });
}
