import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Containment } from "../../../runtime/posix/containment/containment.ts";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import type { Pidfd } from "../../../runtime/posix/process/pidfd.ts";
import { readStat } from "../../../runtime/posix/process/proc.ts";
import { askTree, signalMembers } from "../../../runtime/posix/tree/signal-tree.ts";
import type { PosixWorkload } from "../../../runtime/posix/workload.ts";
import { eventually } from "../../eventually.ts";
import type { Observer } from "../observer.ts";
import { sharedRuntime } from "../shared-runtime.ts";
import { launchSpec } from "../specs.ts";
import { inGroupsOrNot, makePosixHarness, type PosixHarness } from "./posix-harness.ts";

/** Says "up" when it listens, and "closed" when it has had the time it needs to end well. */
const app = "trap 'sleep 0.2; echo closed; exit 0' TERM; echo up; while :; do sleep 0.05; done";

for (const root of inGroupsOrNot) {
  describe(`a tree is asked to stop (cgroups: ${root})`, () => {
    let harness: PosixHarness;
    let runtime: PosixRuntime;
    let seen: Observer;
    const says = (text: string) => eventually(() => harness.output("a").includes(text), `it says ${text}`);
    const start = async (...args: string[]) => {
      await runtime.start(launchSpec({ uid: "a", command: "/bin/sh", args: ["-c", ...args] }));
      await says("up");
    };
    sharedRuntime(
      () => makePosixHarness(root),
      (shared) => {
        ({ harness, runtime, seen } = shared);
      },
    );

    it("the child of a wrapper gets the signal too, and ends as it likes; the wrapper does not go on to its next line", async () => {
      await start('/bin/sh -c "$0"; echo "the next line"', app);
      assert.equal(await runtime.requestStop("a", "SIGTERM"), true);
      await seen.saw("tree-ended", "a");
      assert.match(harness.output("a"), /closed\n$/);
      assert.doesNotMatch(harness.output("a"), /next line/);
    });

    it("each gets it once", async () => {
      const counts = "n=0; trap 'n=$((n+1)); echo got $n' TERM; echo up; until [ -e \"$0\" ]; do sleep 0.02; done";
      const mayEnd = join(harness.dataDir, "may-end");
      await start('/bin/sh -c "$0" "$1"; :', counts, mayEnd);
      await runtime.requestStop("a", "SIGTERM");
      await says("got 1");
      writeFileSync(mayEnd, "");
      await seen.saw("tree-ended", "a");
      assert.doesNotMatch(harness.output("a"), /got 2/);
    });

    it("what is left of a tree whose main process has ended is asked as well", async () => {
      await start('/usr/bin/setsid /bin/sh -c "$0" & exit 0', app);
      await seen.saw("exited", "a");
      assert.equal(await runtime.requestStop("a", "SIGTERM"), true);
      await seen.saw("tree-ended", "a");
      assert.match(harness.output("a"), /closed/);
    });

    it("who is suspended is continued, so that it sees its signal", async () => {
      await start(app);
      const { pid } = runtime.get("a")!;
      process.kill(pid, "SIGSTOP");
      await eventually(() => readStat(pid)?.state === "T", "it is suspended");
      await runtime.requestStop("a", "SIGTERM");
      assert.equal((await seen.saw("exited", "a")).exit.code, 0);
      assert.match(harness.output("a"), /closed/);
    });
  });
}

describe("a signal that is refused", () => {
  const eperm = Object.assign(new Error("EPERM"), { code: "EPERM" });
  const main = (refuses: boolean) => {
    const got: number[] = [];
    const signal = (number: number): boolean => {
      if (refuses) throw eperm;
      got.push(number);
      return true;
    };
    return { got, workload: { uid: "a", pidfd: { pid: 2 ** 30, signal } as unknown as Pidfd } as PosixWorkload };
  };
  /** A group of this very process and one whose number no system gives out. */
  const group = (members: readonly number[], owns = true) =>
    ({ members: () => members, ownMembers: () => members, owns: () => owns }) as unknown as Containment;

  it("by one member keeps nobody else from it", () => {
    const { workload, got } = main(false);
    assert.equal(askTree(group([process.pid]), workload, 0), true);
    assert.deepEqual(got, [0, 18]);
    assert.equal(askTree(group([process.pid]), main(true).workload, 0), true, "a member got it");
  });

  it("by all is told with the system's word, not taken for the end", () => {
    assert.throws(() => askTree(group([]), main(true).workload, 15), /EPERM/);
  });

  it("is no matter of a stranger whose number a member had", () => {
    assert.deepEqual(signalMembers(group([process.pid], false), "a", 9), { reached: 0 });
  });

  it("is not there when nothing lives", () => {
    assert.equal(askTree(group([2 ** 22 + 1]), { uid: "a" } as PosixWorkload, 15), false);
  });
});
