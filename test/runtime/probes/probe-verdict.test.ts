import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failure, success } from "../../../runtime/probes/probe-results.ts";
import {
  extendStreak,
  firstState,
  isAwake,
  meetsThreshold,
  nextTick,
  noStreak,
  stateAfterVerdict,
  tickAfter,
} from "../../../runtime/probes/probe-verdict.ts";
import type { ProbeSpec } from "../../../runtime/probes/prober.ts";

const spec: ProbeSpec = {
  initialDelaySeconds: 0,
  periodSeconds: 10,
  timeoutSeconds: 1,
  successThreshold: 2,
  failureThreshold: 3,
};

describe("a verdict", () => {
  it("needs a threshold of equal results in a row", () => {
    let streak = noStreak;
    const decided = [..."ffsfffssff"].map((letter) => {
      streak = extendStreak(streak, letter === "s" ? "success" : "failure");
      return meetsThreshold(streak, spec) ? letter : "-";
    });
    assert.equal(decided.join(""), "-----f-s--");
  });

  it("begins where Kubernetes begins", () => {
    assert.deepEqual(firstState(1, {}), { run: 1, started: true, ready: true });
    assert.deepEqual(firstState(1, { liveness: spec }), { run: 1, started: true, ready: true });
    assert.deepEqual(firstState(1, { readiness: spec }), { run: 1, started: true, ready: false });
    assert.deepEqual(firstState(1, { startup: spec }), { run: 1, started: false, ready: false });
    assert.deepEqual(firstState(1, { startup: spec, readiness: spec }, { started: true, ready: true }), {
      run: 1,
      started: true,
      ready: true,
    });
    assert.deepEqual(firstState(1, { startup: spec }, { started: false, ready: true }), {
      run: 1,
      started: false,
      ready: false,
    });
  });

  it("of startup lets the others begin, of readiness gates, of liveness restarts", () => {
    const all = { startup: spec, readiness: spec, liveness: spec };
    const asleep = firstState(1, all);
    assert.deepEqual(
      ["startup", "readiness", "liveness"].map((kind) => isAwake(kind as "startup", asleep)),
      [true, false, false],
    );
    const started = stateAfterVerdict(asleep, all, "startup", success());
    assert.deepEqual(started, { run: 1, started: true, ready: false });
    assert.deepEqual(
      ["startup", "readiness", "liveness"].map((kind) => isAwake(kind as "startup", started)),
      [false, true, true],
    );
    assert.equal(
      stateAfterVerdict(asleep, { startup: spec }, "startup", success()).ready,
      true,
      "nothing else to wait for",
    );
    const ready = stateAfterVerdict(started, all, "readiness", success());
    assert.deepEqual(ready, { run: 1, started: true, ready: true });
    assert.deepEqual(stateAfterVerdict(ready, all, "readiness", failure("x")), started);
    const dead = stateAfterVerdict(ready, all, "liveness", failure("x"));
    assert.deepEqual(dead, { ...ready, restart: { kind: "liveness", message: "x" } });
    assert.deepEqual([isAwake("liveness", dead), isAwake("readiness", dead)], [false, true]);
    const neverStarted = stateAfterVerdict(asleep, all, "startup", failure("y"));
    assert.deepEqual(neverStarted.restart, { kind: "startup", message: "y" });
    assert.equal(isAwake("startup", neverStarted), false);
  });

  it("keeps the rhythm: a slow probe loses ticks, except the last one", () => {
    assert.deepEqual(
      [0, 9, 10, 12, 25, 100].map((now) => nextTick(0, 10, now)),
      [10, 10, 10, 10, 20, 100],
    );
    assert.deepEqual(
      [0, 9, 10, 25].map((now) => tickAfter(0, 10, now)),
      [10, 10, 20, 30],
    );
  });
});
