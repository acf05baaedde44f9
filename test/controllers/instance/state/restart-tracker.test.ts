import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  afterExit,
  afterFailedStart,
  type RestartPolicy,
} from "../../../../controllers/instance/state/restart-tracker.ts";

const finishedAt = "2030-01-01T00:00:00.000Z";
const policy = (
  restartPolicy: RestartPolicy["restartPolicy"],
  more: Partial<RestartPolicy["backoff"]> = {},
): RestartPolicy => ({
  restartPolicy,
  successExitCodes: [0, 3],
  backoff: { initialSeconds: 1, factor: 2, maxSeconds: 300, resetAfterSeconds: 600, ...more },
});

/** The delays of so many crashes in a row, each run lasting `ranMs`. */
function delays(count: number, ranMs: number, of = policy("Always")): number[] {
  let failures = 0;
  return Array.from({ length: count }, () => {
    const verdict = afterExit(of, { code: 1, finishedAt }, ranMs, failures);
    assert.equal(verdict.kind, "restart");
    failures = verdict.failures;
    return verdict.delayMs;
  });
}

describe("restart tracker", () => {
  it("restarts at once the first time, then waits initial * factor^n up to the maximum", () => {
    assert.deepEqual(delays(6, 10), [0, 1_000, 2_000, 4_000, 8_000, 16_000]);
    assert.deepEqual(delays(12, 10).slice(-2), [300_000, 300_000]);
  });

  it("forgets all failures after a healthy run", () => {
    assert.deepEqual(delays(3, 600_000), [0, 0, 0]);
    const verdict = afterExit(policy("Always"), { signal: "SIGSEGV", finishedAt }, 600_000, 7);
    assert.deepEqual(verdict, { kind: "restart", delayMs: 0, failures: 1, rule: "RestartNow" });
  });

  it("does not count a run whose length is unknown as healthy", () => {
    const verdict = afterExit(policy("Always"), { unknown: true, finishedAt }, undefined, 3);
    assert.deepEqual(verdict, { kind: "restart", delayMs: 4_000, failures: 4, rule: "BackOff" });
  });

  const ends = [
    ["Never", { code: 0 }, true, "Completed"],
    ["Never", { code: 3 }, true, "Completed"],
    ["Never", { code: 1 }, false, "NeverRestart"],
    ["Never", { signal: "SIGKILL" }, false, "NeverRestart"],
    ["Never", { unknown: true }, false, "UnknownExit"],
    ["OnFailure", { code: 0 }, true, "Completed"],
    ["OnFailure", { unknown: true }, false, "UnknownExit"],
  ] as const;
  for (const [restartPolicy, exit, succeeded, rule] of ends) {
    it(`${restartPolicy} after ${JSON.stringify(exit)} is ${rule}`, () => {
      assert.deepEqual(afterExit(policy(restartPolicy), { ...exit, finishedAt }, 5, 0), {
        kind: "finished",
        succeeded,
        rule,
      });
    });
  }

  it("restarts a failed OnFailure run, and Always even after success", () => {
    assert.equal(afterExit(policy("OnFailure"), { code: 1, finishedAt }, 5, 0).kind, "restart");
    assert.equal(afterExit(policy("Always"), { code: 0, finishedAt }, 5, 0).kind, "restart");
  });

  it("does not hold against a program that the daemon stopped it", () => {
    const verdict = afterExit(policy("OnFailure"), { code: 0, finishedAt }, 5, 2, "DaemonStopped");
    assert.deepEqual(verdict, { kind: "restart", delayMs: 0, failures: 2, rule: "RestartNow" });
  });

  for (const interruption of ["LivenessFailed", "StartupFailed"] as const) {
    it(`takes a run that ended for ${interruption} as failed, whatever it exits with`, () => {
      for (const exit of [{ code: 0 }, { signal: "SIGTERM" }, { unknown: true }] as const) {
        const verdict = (restartPolicy: "Always" | "OnFailure" | "Never") =>
          afterExit(policy(restartPolicy), { ...exit, finishedAt }, 5, 0, interruption);
        assert.equal(verdict("OnFailure").kind, "restart");
        assert.equal(verdict("Always").kind, "restart");
        assert.deepEqual(verdict("Never"), { kind: "finished", succeeded: false, rule: "NeverRestart" });
      }
    });
  }

  it("never retries at once a start that did not happen", () => {
    assert.deepEqual(afterFailedStart(policy("Always"), 0), {
      kind: "restart",
      delayMs: 1_000,
      failures: 2,
      rule: "BackOff",
    });
  });

  it("keeps every delay within 0 and maxSeconds, growing, for any policy", () => {
    const backoff = fc.record({
      initialSeconds: fc.nat(86_400),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      maxSeconds: fc.nat(86_400),
      resetAfterSeconds: fc.constant(600),
    });
    fc.assert(
      fc.property(backoff, fc.nat(5_000), (generated, failures) => {
        const of = policy("Always", generated);
        const [now, next] = [failures, failures + 1].map((n) => {
          const verdict = afterExit(of, { code: 1, finishedAt }, 5, n);
          return verdict.kind === "restart" ? verdict.delayMs : Number.NaN;
        }) as [number, number];
        assert.ok(now >= 0 && next <= generated.maxSeconds * 1000 && now <= next);
      }),
    );
  });
});
