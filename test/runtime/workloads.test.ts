import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RunRecord } from "../../runtime/runs/run-record.ts";
import type { RuntimeEvent } from "../../runtime/runtime.ts";
import { newWorkload, type Workload } from "../../runtime/workload.ts";
import { requireNextRun, Workloads } from "../../runtime/workloads.ts";
import { launchSpec } from "./specs.ts";

/** A body whose operating system is the test. */
class Body extends Workloads<Workload> {
  start(uid: string, run: number, adopted = false): Workload {
    const { label, logs, limits } = launchSpec({ uid, command: "x" });
    const startedAt = "2026-01-01T00:00:00.000Z";
    const record: RunRecord = {
      ...{ run, label, startedAt, workingDir: "/", pid: 7, creationTime: "c" },
      ...{ limits, logs, stdout: "o", unenforced: [] },
    };
    const workload = newWorkload(uid, record, { adopted, treeAlive: true, account: "web" });
    this.hold(workload);
    return workload;
  }

  exit(workload: Workload, treeAlive: boolean): void {
    this.exited(workload, { code: 3, finishedAt: "2026-01-01T00:00:01.000Z" }, treeAlive);
  }

  end(workload: Workload): void {
    this.treeEnded(workload);
  }

  close(): void {
    this.silence();
  }

  readonly isNewest = (workload: Workload): boolean => this.isCurrent(workload);
  readonly running = (uid: string): Workload => this.requireRunning(uid);
  readonly spec = (workload: Workload) => this.specOf(workload);
}

describe("the workloads of a body", () => {
  it("show each run, then its exit, then the end of its tree, and tell of both in this order", async () => {
    const body = new Body();
    const told: RuntimeEvent[] = [];
    const unsubscribe = body.subscribe((event) => told.push(event));
    const workload = body.start("a", 1);
    const first = body.get("a");
    assert.deepEqual([first?.phase, first?.account, first?.treeAlive], ["running", "web", true]);
    body.exit(workload, true);
    assert.deepEqual([body.get("a")?.phase, body.get("a")?.exit?.code, body.get("a")?.treeAlive], ["exited", 3, true]);
    body.end(workload);
    await workload.treeEnded;
    assert.equal(body.get("a")?.treeAlive, false);
    assert.equal(first?.phase, "running"); // What was shown once does not change.
    assert.deepEqual(
      told.map(({ type }) => type),
      ["exited", "tree-ended"],
    );
    unsubscribe();
    body.exit(body.start("b", 1), false);
    assert.equal(told.length, 2);
  });

  it("are the newest runs: an earlier one of the same uid is no longer current", () => {
    const body = new Body();
    const [first, second] = [body.start("a", 1), body.start("a", 2)];
    assert.deepEqual([body.isNewest(first), body.isNewest(second)], [false, true]);
    assert.deepEqual(
      body.list().map(({ run }) => run),
      [2],
    );
  });

  it("tell nobody anything after they were silenced", () => {
    const body = new Body();
    const told: RuntimeEvent[] = [];
    body.subscribe((event) => told.push(event));
    body.close();
    body.exit(body.start("a", 1), false);
    assert.deepEqual(told, []);
  });

  it("refuse what needs a running process, or a spec that nobody can tell", () => {
    const body = new Body();
    assert.throws(() => body.running("a"), { reason: "InvalidArgument", message: "instance a is not running" });
    const workload = body.start("a", 4, true);
    assert.equal(body.running("a"), workload);
    assert.throws(() => body.spec(workload), { reason: "SystemError" });
    body.resolveWith((uid) => launchSpec({ uid, command: "x", run: 1 }));
    assert.equal(body.spec(workload).run, 4);
    body.exit(workload, true);
    assert.throws(() => body.running("a"), { reason: "InvalidArgument" });
  });
});

describe("the next run of an instance", () => {
  const cases: [run: number, last: { run: number; treeAlive: boolean } | undefined, refused: string | undefined][] = [
    [1, undefined, undefined],
    [7, undefined, undefined],
    [0, undefined, "InvalidArgument"],
    [1.5, undefined, "InvalidArgument"],
    [2, { run: 1, treeAlive: false }, undefined],
    [2, { run: 1, treeAlive: true }, "AlreadyRunning"],
    [1, { run: 1, treeAlive: false }, "InvalidArgument"],
    [1, { run: 2, treeAlive: false }, "InvalidArgument"],
  ];
  for (const [run, last, reason] of cases) {
    it(`${run} after ${JSON.stringify(last)}: ${reason ?? "may be"}`, () => {
      const ask = (): void => requireNextRun({ run, label: "default/a" }, last);
      if (reason === undefined) ask();
      else assert.throws(ask, { reason });
    });
  }
});
