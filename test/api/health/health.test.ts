import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { healthOf } from "../../../api/health/health.ts";
import type { Health } from "../../../api/health/health-status.ts";
import type { Stored } from "../../../api/object.ts";

const condition = (type: string, status: string, reason = "R", message = ""): object => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: "2026-01-01T00:00:00Z",
});

const object = (kind: string, status?: object, spec: object = {}, metadata: object = {}): Stored =>
  ({
    apiVersion: "v1",
    kind,
    metadata: { name: "web", generation: 2, ...metadata },
    spec,
    ...(status && { status }),
  }) as unknown as Stored;

const process = (status: object, spec: object = {}, metadata: object = {}): Stored =>
  object("Process", { observedGeneration: 2, ...status }, { command: "x", ...spec }, metadata);

const running = { replicas: 1, updatedReplicas: 1, availableReplicas: 1, phase: "Running" };
const crashing = { ...running, availableReplicas: 0, phase: "CrashLoopBackOff" };
const notReady = condition("Ready", "False", "InstanceNotReady", "0 of 1 instance ready:\nweb-0 waits");
const degraded = condition("Degraded", "True", "CrashLoopBackOff", "1 instance failing");

const processes: [what: string, object: Stored, health: Health, message: string][] = [
  [
    "rolled out",
    process({ ...running, conditions: [condition("Ready", "True", "R", "1 instance ready")] }),
    "Healthy",
    "1 instance ready",
  ],
  ["never looked at", object("Process"), "Progressing", "the change is not observed yet"],
  [
    "changed since it was looked at",
    process({ ...running, observedGeneration: 1 }),
    "Progressing",
    "the change is not observed yet",
  ],
  [
    "being deleted",
    process(running, {}, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    "Progressing",
    "it is being deleted",
  ],
  [
    "on the way, although a copy has failed: the deadline is not over",
    process({
      ...crashing,
      conditions: [notReady, degraded, condition("Progressing", "True", "RolloutInProgress")],
    }),
    "Progressing",
    "0 of 1 updated replicas are available (0 of 1 instance ready: web-0 waits)",
  ],
  [
    "beyond its deadline",
    process({
      ...crashing,
      conditions: [condition("Progressing", "False", "ProgressDeadlineExceeded", "no progress")],
    }),
    "Degraded",
    "no progress",
  ],
  [
    "rolled back",
    process({ ...running, conditions: [condition("Progressing", "False", "RolledBack", "it was rolled back")] }),
    "Degraded",
    "it was rolled back",
  ],
  [
    "failing since it was rolled out",
    process({ ...crashing, conditions: [notReady, degraded, condition("Progressing", "True", "RolloutComplete")] }),
    "Degraded",
    "0 of 1 updated replicas are available (0 of 1 instance ready: web-0 waits)",
  ],
  [
    "restarted once since it was rolled out",
    process({ ...crashing, phase: "Pending", conditions: [condition("Progressing", "True", "RolloutComplete")] }),
    "Progressing",
    "0 of 1 updated replicas are available",
  ],
  [
    "without what it depends on",
    process({
      ...running,
      updatedReplicas: 0,
      conditions: [condition("Stalled", "True", "DependencyCycle", "a cycle")],
    }),
    "Degraded",
    "a cycle",
  ],
  ["a one-shot that has completed", process({ ...running, phase: "Completed" }), "Healthy", ""],
  [
    "a one-shot that has failed",
    process({
      ...crashing,
      phase: "Error",
      decision: { rule: "Failed", message: "web-0 failed (exit code 3)", time: "" },
    }),
    "Degraded",
    "web-0 failed (exit code 3)",
  ],
  ["stopped", process({ ...running, phase: "Stopped" }, { suspend: true }), "Suspended", "spec.suspend is true"],
  ["being stopped", process({ ...running, phase: "Terminating" }, { suspend: true }), "Progressing", "it is stopping"],
  [
    "paused with an older template",
    process({ ...running, updatedReplicas: 0, conditions: [condition("Ready", "True")] }, { paused: true }),
    "Suspended",
    "spec.paused is true: 0 out of 1 new replicas have been updated, and it is paused",
  ],
  ["scaled to nothing", process({ phase: "Stopped" }, { replicas: 0 }), "Healthy", ""],
];

const waiting = (phase: string, reason: string): object => ({ phase, state: { waiting: { reason, message: "why" } } });

const others: [what: string, object: Stored, health: Health, message: string][] = [
  ["an Instance that nobody has looked at", object("Instance"), "Progressing", "it is not observed yet"],
  [
    "an Instance that is ready",
    object("Instance", { phase: "Ready", conditions: [condition("Ready", "True", "Ready", "running and ready")] }),
    "Healthy",
    "running and ready",
  ],
  ["an Instance that has its turn yet", object("Instance", waiting("Pending", "NotStarted")), "Progressing", "why"],
  ["an Instance without its Secret", object("Instance", waiting("Pending", "CreateConfigError")), "Degraded", "why"],
  ["an Instance that is tried again", object("Instance", waiting("Backoff", "CrashLoopBackOff")), "Degraded", "why"],
  ["an Instance that has failed", object("Instance", { phase: "Failed" }), "Degraded", ""],
  ["an Instance that has done its work", object("Instance", { phase: "Succeeded" }), "Healthy", ""],
  ["an Instance that is kept stopped", object("Instance", { phase: "Stopped" }), "Suspended", ""],
  ["an Instance in a phase of a later version", object("Instance", { phase: "Dreaming" }), "Progressing", ""],
  ["a ConfigMap", object("ConfigMap"), "Healthy", ""],
  ["a Namespace", object("Namespace", { phase: "Active" }), "Healthy", ""],
  [
    "a Namespace that is being deleted",
    object("Namespace", { phase: "Terminating" }, {}, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    "Progressing",
    "it is being deleted",
  ],
  ["a GitSource that nobody has looked at", object("GitSource"), "Progressing", "it is not observed yet"],
  ["a GitSource that is suspended", object("GitSource", {}, { suspend: true }), "Suspended", "spec.suspend is true"],
  [
    "a GitSource that is applied",
    object("GitSource", { conditions: [condition("Ready", "True", "Applied", "applied main")] }),
    "Healthy",
    "applied main",
  ],
  [
    "a GitSource that tries again",
    object("GitSource", {
      conditions: [condition("Ready", "False", "R", "no route"), condition("Reconciling", "True")],
    }),
    "Progressing",
    "no route",
  ],
  [
    "a GitSource that waits for a person",
    object("GitSource", { conditions: [condition("Ready", "False", "R", "bad.yaml:1"), condition("Stalled", "True")] }),
    "Degraded",
    "bad.yaml:1",
  ],
  [
    "a GitSource whose objects are not healthy",
    object("GitSource", {
      conditions: [condition("Ready", "False", "HealthCheckFailed", "web"), condition("Reconciling", "False")],
    }),
    "Degraded",
    "web",
  ],
  [
    "a GitSource that was changed since",
    object("GitSource", { observedGeneration: 1, conditions: [condition("Ready", "True")] }),
    "Progressing",
    "the change is not observed yet",
  ],
  [
    "a Node of which nobody has heard",
    object("Node", { conditions: [condition("Ready", "Unknown", "R", "silent")] }),
    "Progressing",
    "silent",
  ],
];

describe("the health of", () => {
  for (const [what, one, health, message] of processes)
    it(`a Process that is ${what}`, () => assert.deepEqual(healthOf(one), { health, message }));
  for (const [what, one, health, message] of others)
    it(what, () => assert.deepEqual(healthOf(one), { health, message }));
});
