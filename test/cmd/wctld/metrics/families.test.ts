import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { Instance, InstanceStatus, Process } from "../../../../api/types.generated.ts";
import { familyText } from "../../../../cmd/wctld/metrics/exposition.ts";
import { instanceFamilies } from "../../../../cmd/wctld/metrics/instance-families.ts";
import { ProbeCounts } from "../../../../cmd/wctld/metrics/probe-counts.ts";
import { processFamilies } from "../../../../cmd/wctld/metrics/process-families.ts";

const now = new Date("2026-01-01T00:01:00Z");

const instance = (name: string, status: InstanceStatus = {}): Stored<Instance> => ({
  apiVersion: "wctl.dev/v1",
  kind: "Instance",
  metadata: { name, namespace: "shop", uid: `uid-of-${name}`, resourceVersion: "1" } as Stored<Instance>["metadata"],
  spec: { command: "web", nodeName: "here", index: 0, revision: "r", processName: "web" },
  status,
});

/** The lines of series, without what explains them, by name. */
function seriesOf(families: Iterable<Parameters<typeof familyText>[0]>): (name: string) => string[] {
  const lines = Array.from(families, familyText).join("").split("\n");
  return (name) =>
    lines.filter((line) => new RegExp(`^${name}(?:_sum|_count)?\\{`).test(line)).map((line) => line.replace(name, ""));
}

const series = (one: Stored<Instance>, probes = new ProbeCounts(() => true)): ((name: string) => string[]) => {
  const usage = new Map([["uid-of-web-0", { cpuSeconds: 1.5, memoryBytes: 4096, handles: 7, processes: 2 }]]);
  return seriesOf(instanceFamilies({ instances: [one], usage, probes, now }));
};

const who = 'namespace="shop",process="web",name="web-0"';

describe("the metrics of an Instance", () => {
  it("tell that it runs, since when, and what it uses of its limits", () => {
    const of = series(
      instance("web-0", {
        phase: "Ready",
        ready: true,
        restartCount: 3,
        state: { running: { startedAt: "2026-01-01T00:00:00.500Z" } },
        lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } },
        limits: { memory: 8192, cpu: 0.5 },
      }),
    );
    const expected = {
      up: `{${who}} 1`,
      ready: `{${who}} 1`,
      phase: `{${who},phase="Ready"} 1`,
      restarts_total: `{${who}} 3`,
      start_time_seconds: `{${who}} 1767225600.5`,
      last_exit_code: `{${who}} 137`,
      last_terminated_reason: `{${who},reason="OOMKilled"} 1`,
      backoff_failures: `{${who}} 0`,
      backoff_seconds: `{${who}} 0`,
      cpu_seconds_total: `{${who}} 1.5`,
      memory_bytes: `{${who}} 4096`,
      processes: `{${who}} 2`,
      open_handles: `{${who}} 7`,
      cpu_limit: `{${who}} 0.5`,
      memory_limit_bytes: `{${who}} 8192`,
    };
    for (const [name, line] of Object.entries(expected)) assert.deepEqual(of(`wctl_instance_${name}`), [line], name);
    assert.deepEqual(of("wctl_instance_waiting_reason"), []);
    assert.deepEqual(of("wctl_instance_process_limit"), []);
  });

  it("tell why it does not run, how it ended, and when it is tried again", () => {
    const of = series(
      instance("web-0", {
        phase: "Backoff",
        backoff: { failures: 4, retryAt: "2026-01-01T00:01:08Z" },
        state: { waiting: { reason: "CrashLoopBackOff", retryAt: "2026-01-01T00:01:08Z" } },
        lastState: { terminated: { reason: "SIGKILL", signal: "SIGKILL" } },
      }),
    );
    assert.deepEqual(of("wctl_instance_up"), [`{${who}} 0`]);
    assert.deepEqual(of("wctl_instance_waiting_reason"), [`{${who},reason="CrashLoopBackOff"} 1`]);
    assert.deepEqual(of("wctl_instance_last_exit_code"), [`{${who}} 137`]);
    assert.deepEqual(of("wctl_instance_backoff_seconds"), [`{${who}} 8`]);
    assert.deepEqual(of("wctl_instance_start_time_seconds"), []);
  });

  it("tell of one that was never started, and of an end that nobody saw", () => {
    const of = series(instance("web-1", { state: { terminated: { reason: "Unknown" } } }));
    assert.deepEqual(of("wctl_instance_last_exit_code"), []);
    assert.deepEqual(of("wctl_instance_memory_bytes"), []);
    assert.equal(series(instance("web-1"))("wctl_instance_up")[0]?.endsWith(" 0"), true);
  });

  it("tell what its probes answered, and how long that took", () => {
    const probes = new ProbeCounts(() => true);
    probes.count("uid-of-web-0", "liveness", { outcome: "success", message: "" }, 0.25);
    probes.count("uid-of-web-0", "liveness", { outcome: "failure", message: "secret words" }, 0.5);
    const of = series(instance("web-0"), probes);
    assert.deepEqual(of("wctl_instance_probe_results_total"), [
      `{${who},probe="liveness",result="success"} 1`,
      `{${who},probe="liveness",result="failure"} 1`,
      `{${who},probe="liveness",result="error"} 0`,
    ]);
    assert.deepEqual(of("wctl_instance_probe_duration_seconds"), [
      `_sum{${who},probe="liveness"} 0.75`,
      `_count{${who},probe="liveness"} 2`,
    ]);
  });

  it("have no labels without bound: no uid, no revision, no message", () => {
    const one = instance("web-0", {
      state: { waiting: { reason: "CommandNotFound", message: "some text" } },
      lastState: { terminated: { reason: "Error", message: "other text" } },
      decision: { rule: "R", message: "m", time: "t" },
    });
    const text = Array.from(
      instanceFamilies({ instances: [one], usage: new Map(), probes: new ProbeCounts(() => true), now }),
      familyText,
    ).join("");
    const labels = new Set(Array.from(text.matchAll(/[{,](\w+)="/g), ([, name]) => name));
    assert.deepEqual([...labels].toSorted(), ["name", "namespace", "process", "reason"]);
    assert.doesNotMatch(text, /uid-of|text/);
  });
});

describe("the metrics of a Process", () => {
  it("tell what is wanted, what is there, and its conditions", () => {
    const process = {
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata: { name: "web", namespace: "shop", uid: "u", resourceVersion: "1" },
      spec: { command: "web", replicas: 3, suspend: true },
      status: {
        replicas: 3,
        readyReplicas: 2,
        availableReplicas: 1,
        updatedReplicas: 3,
        conditions: [
          { type: "Stalled", status: "True", reason: "R", message: "m", lastTransitionTime: "t" },
          { type: "Available", status: "False", reason: "R", message: "m", lastTransitionTime: "t" },
        ],
      },
    } as unknown as Stored<Process>;
    const of = seriesOf(processFamilies([process]));
    const labels = 'namespace="shop",process="web"';
    const expected = {
      spec_replicas: 3,
      spec_suspend: 1,
      spec_paused: 0,
      status_replicas: 3,
      status_replicas_ready: 2,
      status_replicas_available: 1,
      status_replicas_updated: 3,
    };
    for (const [name, value] of Object.entries(expected))
      assert.deepEqual(of(`wctl_process_${name}`), [`{${labels}} ${value}`], name);
    assert.deepEqual(of("wctl_process_status_condition"), [
      `{${labels},condition="Stalled"} 1`,
      `{${labels},condition="Available"} 0`,
    ]);
  });
});
