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
  stateWithCause,
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

describe("what keeps a run from being ready", () => {
  const waiting = { run: 1, started: true, ready: false };
  const because = (message: string) => ({ ...waiting, failing: { kind: "readiness" as const, message } });

  it("is what the probe that gates it answered", () => {
    assert.deepEqual(stateWithCause(waiting, "readiness", failure("refused")), because("refused"));
    assert.equal(stateWithCause(waiting, "liveness", failure("refused")), waiting);
    const starting = { ...waiting, started: false };
    const { failing } = stateWithCause(starting, "startup", failure("refused"));
    assert.deepEqual(failing, { kind: "startup", message: "refused" });
  });

  it("is forgotten with a success, and is nothing while the run is ready", () => {
    assert.deepEqual(stateWithCause(because("refused"), "readiness", success()), waiting);
    const ready = { ...waiting, ready: true };
    assert.equal(stateWithCause(ready, "readiness", failure("refused")), ready);
  });

  it("is news when its words change, or the status code, and not when a number in it does", () => {
    const counting = because("3 of 10 loaded at 12:01");
    assert.equal(stateWithCause(counting, "readiness", failure("4 of 10 loaded at 12:02")), counting);
    const answered = because("HTTP probe failed with statuscode: 500");
    const other = "HTTP probe failed with statuscode: 503";
    assert.deepEqual(stateWithCause(answered, "readiness", failure(other)), because(other));
  });
});
