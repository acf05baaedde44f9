import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { Process, ProcessSpec } from "../../../../api/types.generated.ts";
import { revisionOf } from "../../../../controllers/process/history/revision.ts";
import { type Progress, progressOf } from "../../../../controllers/process/rollout/progress.ts";
import { aProcess, replicas } from "../objects.ts";

const DEADLINE = 60_000;
const spec = { replicas: 2, progressDeadlineSeconds: DEADLINE / 1000 };

/** What a status keeps between two looks is all that a look knows of those before it: as if each were made by another daemon. */
function following(process: Stored<Process>) {
  let status = process.status ?? {};
  return (nowMs: number, states: string[], change: Partial<ProcessSpec> = {}, reason?: string): Progress => {
    const now = { ...process, spec: { ...process.spec, ...change }, status };
    const revision = revisionOf(now);
    const progress = progressOf(now, revision, replicas(now, ...states), nowMs);
    const said = { status: "True", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" } as const;
    const conditions = reason === undefined ? [] : [{ type: "Progressing", reason, ...said }];
    status = { ...(progress.best && { progress: progress.best }), currentRevision: revision, conditions };
    return progress;
  };
}

describe("the progress of a rollout", () => {
  it("starts the deadline over with each copy that comes nearer, and only then", () => {
    const look = following(aProcess(spec));
    assert.equal(look(0, []).leftMs, DEADLINE);
    assert.equal(look(1_000, ["-", "-"]).leftMs, DEADLINE - 1_000);
    assert.equal(look(2_000, ["", ""]).leftMs, DEADLINE, "made");
    assert.equal(look(3_000, ["ready", ""]).leftMs, DEADLINE, "one is ready");
    assert.equal(look(4_000, ["", ""]).leftMs, DEADLINE - 1_000, "lost");
    assert.equal(look(5_000, ["", "ready"]).leftMs, DEADLINE - 2_000, "and won back");
    assert.equal(look(6_000, ["ready", "ready"]).leftMs, DEADLINE);
  });

  it("takes a copy that has failed and starts again for none", () => {
    const process = aProcess(spec);
    const [copy] = replicas(process, "ready");
    const failed = { ...copy!, instance: { ...copy!.instance, status: { backoff: { failures: 1 } } } };
    assert.equal(progressOf(process, revisionOf(process), [failed], 0).best?.ready, 0);
    assert.equal(progressOf(process, revisionOf(process), [copy!], 0).best?.ready, 1);
  });

  it("writes nothing when nothing came nearer", () => {
    const look = following(aProcess(spec));
    const { best } = look(0, ["ready", ""]);
    assert.equal(look(5_000, ["", ""]).best, best);
    assert.equal(look(90_000, ["", "ready"]).best, best);
  });

  it("passes over restarts of the daemon, also when each lives for a second only", () => {
    const look = following(aProcess(spec));
    const left = Array.from({ length: 62 }, (_, second) => look(second * 1_000, ["Backoff", "Backoff"]).leftMs);
    assert.deepEqual(left.slice(-3), [1_000, 0, -1_000]);
  });

  it("is never more than the deadline away, though the running time was lost", () => {
    const look = following(aProcess(spec));
    look(900_000, ["", ""]);
    assert.equal(look(0, ["", ""]).leftMs, DEADLINE);
  });

  it("begins again with another goal: a template, a number of copies, a pause, a stop", () => {
    for (const change of [{ args: ["new"] }, { replicas: 3 }, { paused: true }, { suspend: true }]) {
      const look = following(aProcess(spec));
      look(0, ["", ""]);
      assert.equal(look(50_000, ["", ""], change).leftMs, DEADLINE, JSON.stringify(change));
      assert.equal(look(51_000, ["", ""], change).leftMs, DEADLINE - 1_000, JSON.stringify(change));
    }
  });

  it("has lasted when the deadline has passed once more after it was complete; more copies change nothing of that", () => {
    const look = following(aProcess(spec));
    const done = ["ready", "ready"];
    assert.equal(look(0, done, {}, "RolloutComplete").isProven, false);
    assert.equal(look(59_000, done, {}, "RolloutComplete").isProven, false);
    assert.equal(look(60_000, done, {}, "RolloutComplete").isProven, true);
    assert.equal(look(61_000, done, { replicas: 3 }, "RolloutComplete").isProven, true);
    assert.equal(look(62_000, [...done, "Backoff"], { replicas: 3 }, "RolloutComplete").isProven, true);
    assert.equal(look(63_000, done, { replicas: 3, args: ["new"] }).isProven, false, "another template is new");
  });

  it("what was brought back lasts in the same way", () => {
    const look = following(aProcess(spec));
    look(0, ["ready", "ready"], {}, "RolledBack");
    assert.equal(look(30_000, ["ready", "Backoff"], {}, "RolledBack").isProven, false);
    assert.equal(look(60_000, ["ready", "Backoff"], {}, "RolledBack").isProven, true);
  });

  it("a version that kept no progress has said how it ended, and nothing is written for that", () => {
    for (const [reason, isProven] of [
      ["RolloutComplete", true],
      ["ProgressDeadlineExceeded", false],
    ] as const) {
      const process = aProcess(spec);
      const condition = {
        type: "Progressing",
        status: "True",
        reason,
        message: "",
        lastTransitionTime: "2026-01-01T00:00:00Z",
        observedGeneration: 1,
      } as const;
      const status = { currentRevision: revisionOf(process), conditions: [condition] };
      const progress = progressOf({ ...process, status }, revisionOf(process), replicas(process, "Backoff"), 5_000);
      assert.deepEqual(progress, { leftMs: 0, isProven });
    }
  });
});
