import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { findCondition } from "../../../api/conditions.ts";
import { events, processes } from "../../../api/scheme.ts";
import type { Process } from "../../../api/types.generated.ts";
import { map, program, setUp } from "./fleet.ts";

type Status = NonNullable<Process["status"]>;

const condition = (type: string, status: "True" | "False", reason: string, message = "") => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: "2026-01-01T00:00:00Z",
});
const running: Status = { replicas: 1, updatedReplicas: 1, availableReplicas: 1, phase: "Running" };
const rolledOut: Status = { ...running, conditions: [condition("Progressing", "True", "RolloutComplete")] };
const restarting: Status = { ...rolledOut, availableReplicas: 0, phase: "Pending" };
const crashing: Status = {
  ...restarting,
  phase: "CrashLoopBackOff",
  conditions: [condition("Progressing", "True", "RolloutComplete"), condition("Degraded", "True", "CrashLoopBackOff")],
};

/** A source that waits, whose Process `web` is as the test says. */
async function waiting(t: TestContext, spec: object = {}) {
  const host = await setUp(t);
  const { cluster, apply, pass, git, find } = host;
  git.push({ "web.yaml": program("web"), "a.yaml": map("a") });
  await apply({ interval: "1h", wait: true, healthTimeout: "1m", ...spec });
  const web = async (status: Status): Promise<void> => {
    const current = await cluster.client.get(processes, "default/web");
    const observedGeneration = current.metadata.generation ?? 1;
    await cluster.client.updateStatus(processes, { ...current, status: { ...status, observedGeneration } });
  };
  const conditionsOf = async (): Promise<string[]> =>
    ((await find()).status?.conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`);
  const happened = async (): Promise<string[]> =>
    (await cluster.client.list(events)).items
      .filter(({ involvedObject }) => involvedObject.kind === "GitSource")
      .map(({ type, reason }) => `${type} ${reason}`);
  return { ...host, web, conditionsOf, happened, pass: (ms = 300) => pass(ms) };
}

describe("a GitSource that waits", () => {
  it("is ready when what it has applied is healthy, and says before that for what it waits", async (t) => {
    const { web, pass, find, git, conditionsOf, happened } = await waiting(t);
    assert.match(
      await pass(),
      /^Unknown Progressing: applied main@sha1:\w{7}; 1 of 2 objects not healthy: Process default\/web: the change is not observed yet$/,
    );
    assert.equal((await find()).status?.lastAppliedRevision, `main@sha1:${git.head}`, "applied it is");
    assert.deepEqual(await conditionsOf(), [
      "Ready Unknown Progressing",
      "Reconciling True Progressing",
      "Stalled False Progressing",
    ]);
    await web(rolledOut);
    assert.match(await pass(), /^True Applied: applied main@sha1:\w{7}$/);
    assert.deepEqual(await happened(), ["Normal Applied", "Normal Healthy"]);
    const written = (await find()).metadata.resourceVersion;
    await web({ ...rolledOut, restartCount: 1 });
    await pass(10_000);
    assert.equal((await find()).metadata.resourceVersion, written, "what changes no health writes nothing");
  });

  it("fails when something is not healthy in time, and is ready by itself when it is", async (t) => {
    const { web, pass, conditionsOf, happened } = await waiting(t);
    await pass();
    await web({ ...running, availableReplicas: 0 });
    assert.match(await pass(59_000), /^Unknown Progressing/);
    assert.match(
      await pass(1_000),
      /^False HealthCheckFailed: 1 of 2 objects not healthy: Process default\/web: 0 of 1 updated replicas are available$/,
    );
    assert.deepEqual(await conditionsOf(), [
      "Ready False HealthCheckFailed",
      "Reconciling False HealthCheckFailed",
      "Stalled False HealthCheckFailed",
    ]);
    await web(rolledOut);
    assert.match(await pass(), /^True Applied/);
    assert.deepEqual(await happened(), ["Normal Applied", "Warning HealthCheckFailed", "Normal Healthy"]);
  });

  it("tells at once that its state is another one, and every few seconds that its words are", async (t) => {
    const { web, pass, find } = await waiting(t);
    await pass();
    const starting = (message: string): Status => ({
      ...running,
      availableReplicas: 0,
      conditions: [condition("Ready", "False", "InstanceNotReady", message)],
    });
    const written = async (): Promise<string | undefined> => (await find()).metadata.resourceVersion;
    const before = await written();
    for (let at = 0; at < 3; at++) {
      await web(starting(`look ${at}`));
      await pass();
    }
    assert.equal(await written(), before, "words wait");
    assert.match(await pass(5_000), /\(look 2\)$/);
    await web(rolledOut);
    assert.match(await pass(), /^True/);
  });

  it("applies a revision that mends what has failed, at once", async (t) => {
    const { web, pass, git, annotate, cluster } = await waiting(t);
    await pass();
    await web({ ...running, conditions: [condition("Progressing", "False", "ProgressDeadlineExceeded", "stuck")] });
    assert.match(await pass(11_000), /^False HealthCheckFailed: .*: stuck$/);
    git.push({ "web.yaml": program("web").replace("true", "false"), "a.yaml": map("a") });
    await annotate({ "wctl.dev/reconcile-at": "now" });
    assert.match(await pass(), /^Unknown Progressing: .* the change is not observed yet$/);
    assert.equal((await cluster.client.get(processes, "default/web")).spec.command, "/bin/false");
    await web(rolledOut);
    assert.match(await pass(), /^True/);
  });

  it("stays ready while something is started anew, and fails when that fails", async (t) => {
    const { web, pass } = await waiting(t);
    await pass();
    await web(rolledOut);
    await pass(20_000);
    await web(restarting);
    assert.match(await pass(30_000), /^True/);
    await web(rolledOut);
    assert.match(await pass(50_000), /^True/);
    await web(crashing);
    assert.match(await pass(), /^False HealthCheckFailed/);
    await web(restarting);
    assert.match(await pass(6_000), /^False HealthCheckFailed/, "on the way again is not healthy again");
    await web(rolledOut);
    assert.match(await pass(), /^True/);
  });

  it("is what it was after a restart of the daemon", async (t) => {
    const { web, pass, find, restart } = await waiting(t);
    await pass();
    await web(rolledOut);
    await pass();
    const { lastTransitionTime } = findCondition((await find()).status?.conditions, "Ready")!;
    await restart();
    assert.match(await pass(), /^True/);
    assert.equal(findCondition((await find()).status?.conditions, "Ready")?.lastTransitionTime, lastTransitionTime);
  });

  it("is content with what somebody has stopped or paused", async (t) => {
    const { web, pass, cluster } = await waiting(t);
    await pass();
    await cluster.client.patch(processes, "default/web", { type: "merge", body: { spec: { suspend: true } } });
    await web({ ...running, phase: "Stopped" });
    assert.match(await pass(), /^True/);
    const annotations = { "wctl.dev/reconcile": "disabled" };
    await cluster.client.patch(processes, "default/web", { type: "merge", body: { metadata: { annotations } } });
    await web(crashing);
    assert.match(await pass(20_000), /^True/);
  });

  it("does not wait when it is not told to", async (t) => {
    const { pass } = await waiting(t, { wait: false });
    assert.match(await pass(), /^True Applied/);
  });
});
