import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findCondition } from "../../../../api/conditions.ts";
import type { ProcessSpec, ProcessStatus } from "../../../../api/types.generated.ts";
import { plan } from "../../../../controllers/process/plan.ts";
import { replicaOf } from "../../../../controllers/process/replicas/replica.ts";
import { describeFailures } from "../../../../controllers/process/status/failures.ts";
import { statusOf } from "../../../../controllers/process/status/status.ts";
import { anInstance, aProcess, replicas, situation, withStatus } from "../objects.ts";

const now = new Date("2026-05-01T10:00:00.700Z");

function status(
  spec: Partial<ProcessSpec>,
  states: string[],
  { before, leftMs = 1_000, at = now }: { before?: ProcessStatus; leftMs?: number; at?: Date } = {},
): ProcessStatus {
  const process = withStatus(aProcess(spec), before);
  const those = replicas(process, ...states);
  const planned = plan(situation(process, those));
  return statusOf({ process, replicas: those, plan: planned, progress: { leftMs, isProven: true }, now: at });
}
const said = (one: ProcessStatus, type: string): string => {
  const condition = findCondition(one.conditions, type);
  return `${condition?.status} ${condition?.reason}`;
};

const phases: [Partial<ProcessSpec>, string[], ProcessStatus["phase"]][] = [
  [{ replicas: 2 }, ["ready", "ready"], "Running"],
  [{ replicas: 2 }, ["ready"], "Pending"],
  [{ replicas: 2 }, ["ready", "starting"], "Pending"],
  [{ replicas: 2 }, ["ready", "Backoff"], "CrashLoopBackOff"],
  [{ replicas: 2, restartPolicy: "Never" }, ["Failed", "Backoff"], "Error"],
  [{ replicas: 2, restartPolicy: "Never" }, ["Succeeded", "Succeeded"], "Completed"],
  [{ replicas: 2, restartPolicy: "OnFailure" }, ["Succeeded", "ready"], "Running"],
  [{ replicas: 2, suspend: true }, ["Stopped", "suspended ready"], "Terminating"],
  [{ replicas: 2, suspend: true }, ["Stopped", "Stopped"], "Stopped"],
  [{ replicas: 2, suspend: true, restartPolicy: "Never" }, ["suspended Succeeded", "suspended Succeeded"], "Completed"],
  [{ replicas: 2 }, ["Stopped", "ready"], "Pending"],
  [{ replicas: 0 }, [], "Stopped"],
  [{ replicas: 0 }, ["deleting"], "Terminating"],
  [{ replicas: 1 }, ["ready", "Backoff"], "Running"],
];

describe("statusOf", () => {
  for (const [spec, states, phase] of phases) {
    it(`calls ${states.join(", ") || "nothing"} of ${spec.replicas} ${phase}`, () => {
      assert.equal(status(spec, states).phase, phase);
    });
  }

  it("says of a stopped process that it is stopped, and not that it is broken", () => {
    const stopped = status({ replicas: 2, suspend: true }, ["Stopped", "Stopped"], { leftMs: -1 });
    assert.deepEqual(
      ["Ready", "Progressing", "Degraded", "Stalled"].map((type) => said(stopped, type)),
      ["False Suspended", "Unknown Suspended", "False AsExpected", "False NotStalled"],
    );
    assert.match(findCondition(stopped.conditions, "Ready")?.message ?? "", /"wctl start process\/web" starts it$/);
    const started = status({ replicas: 2 }, ["Stopped", "Stopped"], { before: stopped });
    assert.equal(said(started, "Progressing"), "True RolloutInProgress");
  });

  it("is the same for the same situation, so that nothing is written", () => {
    const first = status({ replicas: 2 }, ["ready", "Backoff"]);
    const later = new Date(now.getTime() + 3_600_000);
    assert.deepEqual(status({ replicas: 2 }, ["ready", "Backoff"], { before: first, at: later }), first);
  });

  it("moves the time of the decision only when the rule changes, and nextTry only when it moved", () => {
    const process = aProcess({ minReadySeconds: 30 });
    const observe = (readyMs: number, before: ProcessStatus | undefined, at: Date): ProcessStatus => {
      const known = withStatus(process, before);
      const those = [replicaOf(anInstance(known, 0, { status: { phase: "Ready", ready: true } }), 30, readyMs)];
      const planned = plan(situation(known, those));
      return statusOf({
        process: known,
        replicas: those,
        plan: planned,
        progress: { leftMs: 1_000, isProven: true },
        now: at,
      });
    };
    const first = observe(0, undefined, now);
    assert.deepEqual(first.decision, {
      rule: "WaitingForAvailable",
      message: "1 instance wanted; waiting until web-0 is available",
      time: "2026-05-01T10:00:00Z",
      nextTry: "2026-05-01T10:00:30Z",
    });
    assert.deepEqual(observe(5_000, first, new Date(now.getTime() + 5_000)), first);
  });

  it("keeps a complete rollout complete when a replica fails later", () => {
    const complete = status({ replicas: 2 }, ["ready", "ready"]);
    assert.equal(said(complete, "Progressing"), "True RolloutComplete");
    const failing = status({ replicas: 2 }, ["ready", "Backoff"], { before: complete, leftMs: -1 });
    assert.equal(said(failing, "Progressing"), "True RolloutComplete");
    assert.equal(said(failing, "Ready"), "False InstanceNotReady");
    assert.equal(said(failing, "Degraded"), "True CrashLoopBackOff");
  });

  it("is in progress again with a new template, and exceeds its deadline", () => {
    const complete = status({ replicas: 2 }, ["ready", "ready"]);
    const rolling = status({ replicas: 2, args: ["new"] }, ["old ready", "starting"], { before: complete });
    assert.equal(said(rolling, "Progressing"), "True RolloutInProgress");
    const stuck = status({ replicas: 2, args: ["new"] }, ["old ready", "starting"], { before: complete, leftMs: 0 });
    assert.equal(said(stuck, "Progressing"), "False ProgressDeadlineExceeded");
  });

  it("says of a run that its probe ended what ended it, whatever it exited with", () => {
    const process = aProcess({ restartPolicy: "Never" });
    const terminated = {
      reason: "LivenessFailed",
      exitCode: 0,
      message: "its liveness probe failed: refused",
    } as const;
    const replica = replicaOf(anInstance(process, 0, { status: { phase: "Failed", state: { terminated } } }), 0, 0);
    assert.equal(describeFailures([replica]), "web-0 failed (its liveness probe failed: refused; exit code 0)");
  });

  it("shows the reason of what never started, and speaks of no restart", () => {
    const process = aProcess({ replicas: 1 });
    const waiting = { reason: "CommandNotFound", message: "there is no /no/such" };
    const those = [replicaOf(anInstance(process, 0, { status: { phase: "Backoff", state: { waiting } } }), 0, 0)];
    const planned = plan(situation(process, those));
    const unstarted = statusOf({
      process,
      replicas: those,
      plan: planned,
      progress: { leftMs: 1_000, isProven: true },
      now,
    });
    assert.equal(unstarted.phase, "CommandNotFound");
    assert.equal(said(unstarted, "Degraded"), "True CommandNotFound");
    assert.equal(describeFailures(those), "web-0 waits before the next try (there is no /no/such)");
  });

  it("tells what the probe of a copy said that is not ready, and of one that its memory limit ended", () => {
    const process = aProcess({ replicas: 2 });
    const message = "its readiness probe fails: HTTP probe failed with statuscode: 503";
    const unready = {
      phase: "Running",
      state: { running: { startedAt: "2026-05-01T10:00:00Z" } },
      conditions: [
        { type: "Ready", status: "False", reason: "NotReady", message, lastTransitionTime: "2026-05-01T10:00:00Z" },
      ],
    } as const;
    const killed = {
      phase: "Backoff",
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: { reason: "OOMKilled", signal: "SIGKILL" } },
    } as const;
    const those = [unready, killed].map((status, index) =>
      replicaOf(anInstance(process, index, { status: structuredClone(status) as never }), 0, 0),
    );
    assert.equal(
      describeFailures(those),
      `web-0 is running but not ready: ${message}; web-1 waits before restart 1 (OOMKilled: it reached its memory limit)`,
    );
  });

  it("is stalled when what failed is not run again", () => {
    assert.equal(said(status({ restartPolicy: "Never" }, ["Failed"]), "Stalled"), "True Failed");
    assert.equal(said(status({}, ["Backoff"]), "Stalled"), "False NotStalled");
  });

  it("names at most three replicas in trouble", () => {
    const { conditions } = status({ replicas: 5 }, ["Backoff", "Backoff", "Backoff", "Backoff", "Backoff"]);
    assert.match(findCondition(conditions, "Ready")?.message ?? "", /^0 of 5 instances ready: web-0 .*; and 2 more$/);
  });

  it("says that what is scaled to 0 is as wanted", () => {
    const none = status({ replicas: 0 }, []);
    assert.equal(said(none, "Ready"), "True ScaledToZero");
    assert.equal(said(none, "Progressing"), "True RolloutComplete");
  });
});
