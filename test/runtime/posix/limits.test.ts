import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import type { Limits } from "../../../runtime/runtime.ts";
import { eventually } from "../../eventually.ts";
import type { Observer } from "../observer.ts";
import { sharedRuntime } from "../shared-runtime.ts";
import { launchSpec } from "../specs.ts";
import { makePosixHarness, type PosixHarness } from "./posix-harness.ts";
import { fixture } from "./programs.ts";

/** A machine without writable cgroups keeps the promise in the other way: it says that the limit is not enforced. */
describe("limits of the whole tree are enforced, or said not to be", () => {
  let harness: PosixHarness;
  let runtime: PosixRuntime;
  let seen: Observer;
  sharedRuntime(makePosixHarness, (shared) => {
    ({ harness, runtime, seen } = shared);
  });
  const start = async (name: string, limits: Limits) => {
    const { unenforced } = await runtime.start(launchSpec({ uid: "a", ...fixture(name), limits }));
    return unenforced.map(({ field }) => field);
  };

  it("memory: the system ends it, and its exit says why", async () => {
    const unenforced = await start("allocates", { memory: 96 * 1024 * 1024 });
    if (unenforced.includes("resources.limits.memory")) return;
    const { exit } = await seen.saw("exited", "a");
    assert.equal(exit.outOfMemory, true);
    assert.equal(exit.signal, "SIGKILL");
    const limit = await seen.saw("limit", "a");
    assert.match(limit.message, /memory limit of 96Mi$/);
  });

  it("memory: the same again in the next run of the same group", async () => {
    const limits = { memory: 96 * 1024 * 1024 };
    if ((await start("allocates", limits)).length > 0) return;
    await seen.saw("tree-ended", "a", 1);
    await runtime.start(launchSpec({ uid: "a", run: 2, ...fixture("allocates"), limits }));
    assert.equal((await seen.saw("exited", "a", 2)).exit.outOfMemory, true);
  });

  it("memory: an ordinary kill is not taken for it", async () => {
    await start("runs-forever", { memory: 96 * 1024 * 1024 });
    await runtime.kill("a");
    assert.equal((await seen.saw("exited", "a")).exit.outOfMemory, undefined);
  });

  it("processes: the next one is refused, and an event tells when the run ends at the latest", async () => {
    if ((await start("forks", { processes: 20 })).includes("resources.limits.processes")) return;
    await eventually(() => /refused after \d+: EAGAIN/.test(harness.output("a")), "a fork was refused");
    const [, children] = /after (\d+)/.exec(harness.output("a"))!;
    assert.ok(Number(children) < 20, `it has ${children} children, and is the twentieth process itself`);
    await runtime.kill("a");
    assert.match((await seen.saw("limit", "a")).message, /limit of 20/);
  });

  it("processes: one that is met before the daemon knows of the start is told of too", async () => {
    const blocked = new Int32Array(new SharedArrayBuffer(4));
    let isSlow = true;
    const block = (): void => {
      Atomics.wait(blocked, 0, 0, 200); // The thread that starts programs goes on meanwhile.
      if (isSlow) setImmediate(block);
    };
    setImmediate(block);
    const unenforced = await start("forks", { processes: 20 }).finally(() => {
      isSlow = false;
    });
    if (unenforced.includes("resources.limits.processes")) return;
    await eventually(() => harness.output("a").includes("refused"), "a fork was refused");
    await runtime.kill("a");
    assert.match((await seen.saw("limit", "a")).message, /limit of 20/);
  });

  it("processes: a tree at its limit is killed all the same", async () => {
    if ((await start("forks", { processes: 20 })).length > 0) return;
    await eventually(() => harness.output("a").includes("refused"), "a fork was refused");
    await runtime.kill("a");
    assert.equal(runtime.get("a")!.treeAlive, false);
    await runtime.start(launchSpec({ uid: "a", run: 2, ...fixture("runs-forever"), limits: { processes: 20 } }));
  });

  it("a limit of one process is enough for a program that starts no other", async () => {
    await start("runs-forever", { processes: 1 });
    assert.equal(runtime.get("a")!.phase, "running");
  });

  it("cpu: half a processor is half a processor", async () => {
    const { unenforced } = await runtime.start(
      launchSpec({ uid: "a", command: "/bin/sh", args: ["-c", "while :; do :; done"], limits: { cpu: 0.3 } }),
    );
    if (unenforced.length > 0) return;
    const used = (): number => {
      const fields = readFileSync(`/proc/${runtime.get("a")!.pid}/stat`, "utf8")
        .split(") ")[1]!
        .split(" ");
      return (Number(fields[11]) + Number(fields[12])) / 100;
    };
    // The time is taken outside of the figures, so that a test which has to wait for a processor measures too little and not too much.
    const began = performance.now();
    const before = used();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const during = used() - before;
    const share = during / ((performance.now() - began) / 1000);
    assert.ok(share < 0.5, `used ${share} of a processor`);
  });

  it("the priority class and the processors are those that were asked for", async () => {
    const state = await runtime.start(
      launchSpec({ uid: "a", ...fixture("runs-forever"), priorityClass: "BelowNormal", affinity: [0] }),
    );
    assert.deepEqual(state.unenforced, []);
    assert.equal(readFileSync(`/proc/${state.pid}/stat`, "utf8").split(") ")[1]!.split(" ")[16], "10");
    assert.match(readFileSync(`/proc/${state.pid}/status`, "utf8"), /Cpus_allowed_list:\t0\n/);
    assert.doesNotMatch(readFileSync("/proc/self/status", "utf8"), /Cpus_allowed_list:\t0\n/);
    const other = await runtime.start(launchSpec({ uid: "b", ...fixture("runs-forever"), affinity: [900] }));
    assert.deepEqual(
      other.unenforced.map(({ field }) => field),
      ["resources.affinity"],
    );
  });
});

describe("without cgroups", () => {
  it("every limit is listed as not enforced, with the reason", async () => {
    const harness = makePosixHarness("none");
    const runtime = await harness.open();
    try {
      const spec = launchSpec({ uid: "a", ...fixture("runs-forever"), limits: { cpu: 1, memory: 1, processes: 1 } });
      const { unenforced } = await runtime.start(spec);
      assert.deepEqual(
        unenforced.map(({ field }) => field),
        ["resources.limits.cpu", "resources.limits.memory", "resources.limits.processes"],
      );
      assert.ok(unenforced.every(({ reason }) => /cgroup/.test(reason)));
      const defaults = { limits: { memory: 1 << 30, processes: 4096 }, defaultLimits: ["processes"] as const };
      const other = await runtime.start(launchSpec({ uid: "b", ...fixture("runs-forever"), ...defaults }));
      assert.deepEqual(
        other.unenforced.map(({ field }) => field),
        ["resources.limits.memory"],
        "nobody asked for the default",
      );
    } finally {
      await runtime.kill("a");
      await runtime.kill("b");
      await runtime.close();
      await harness.dispose();
    }
  });
});
