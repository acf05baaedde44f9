import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { controllerRevisions, events, instances } from "../../../../api/scheme.ts";
import type { ProcessSpec } from "../../../../api/types.generated.ts";
import type { Cluster } from "../../../machinery/cluster.ts";
import { flapping, pending, ready, said, setUp } from "../reconciled.ts";

describe("rollouts by the reconciler of Processes", () => {
  it("rolls a change out one by one, gated on readiness, as rollout status can follow", async (t) => {
    const { cluster, agent } = await setUp(t);
    await cluster.declare("web", { replicas: 3 });
    await cluster.calm();
    agent.becomes = () => pending;
    await cluster.change("default/web", { args: ["new"] });
    await cluster.calm();
    let { status } = (await cluster.process("default/web"))!;
    const counts = () => [status!.replicas, status!.updatedReplicas, status!.availableReplicas];
    assert.deepEqual(counts(), [3, 1, 2]);
    assert.equal(status!.observedGeneration, 2);
    assert.equal(status!.decision!.rule, "RollingUpdate");
    agent.becomes = () => ({ phase: "Ready", ready: true, started: true });
    await agent.nudge();
    status = (await cluster.process("default/web"))!.status;
    assert.deepEqual(counts(), [3, 3, 3]);
    assert.deepEqual(
      (await cluster.all(instances)).map((instance) => instance.spec.args),
      [["new"], ["new"], ["new"]],
    );
  });

  it("rolls out again when restartedAt changes, and not when replicas do", async (t) => {
    const { cluster } = await setUp(t);
    await cluster.declare("web", { replicas: 1 });
    await cluster.calm();
    const uid = async (name: string) => (await cluster.find(instances, `default/${name}`))?.metadata.uid;
    const first = await uid("web-0");
    await cluster.change("default/web", { replicas: 2 });
    await cluster.calm();
    assert.equal(await uid("web-0"), first);
    await cluster.change("default/web", { restartedAt: "2026-05-01T10:00:00Z" });
    await cluster.calm();
    assert.notEqual(await uid("web-0"), first);
  });

  it("counts a replica as available after minReadySeconds, whatever the wall clock does (P8)", async (t) => {
    const { cluster } = await setUp(t);
    await cluster.declare("web", { minReadySeconds: 30 });
    await cluster.calm();
    const available = async () => (await cluster.process("default/web"))!.status!.availableReplicas;
    cluster.clock.jumpWall(3_600_000);
    await cluster.pass(29_000);
    assert.equal(await available(), 0);
    cluster.clock.jumpWall(-7_200_000);
    await cluster.pass(1_000);
    assert.equal(await available(), 1);
  });

  it("says when a rollout stands still for longer than progressDeadlineSeconds", async (t) => {
    const { cluster, agent } = await setUp(t);
    agent.becomes = () => ({
      phase: "Backoff",
      ready: false,
      restartCount: 4,
      state: { waiting: { reason: "CrashLoopBackOff", retryAt: "2026-05-01T10:00:08Z" } },
      lastState: { terminated: { reason: "Error", exitCode: 3 } },
    });
    await cluster.declare("web", { replicas: 1, progressDeadlineSeconds: 60 });
    await cluster.pass(59_000);
    let web = await cluster.process("default/web");
    assert.equal(said(web, "Progressing"), "True RolloutInProgress: 1 of 1 instance updated, 0 available");
    await cluster.pass(2_000);
    web = await cluster.process("default/web");
    const trouble = "web-0 waits until 2026-05-01T10:00:08Z before restart 5 (exit code 3)";
    assert.equal(
      said(web, "Progressing"),
      `False ProgressDeadlineExceeded: no progress for 60 s: 1 of 1 instance updated, 0 available. ${trouble}`,
    );
    assert.equal(said(web, "Ready"), `False InstanceNotReady: 0 of 1 instance ready: ${trouble}`);
    assert.equal(said(web, "Degraded"), `True CrashLoopBackOff: 1 instance failing: ${trouble}`);
    assert.equal(web!.status!.phase, "CrashLoopBackOff");
    const reasons = (await cluster.all(events)).map((event) => event.reason);
    assert.ok(reasons.includes("ProgressDeadlineExceeded"));
  });

  it("a program that starts again and again makes no progress, though it is ready each time", async (t) => {
    const { cluster, agent } = await setUp(t);
    let run = 0;
    agent.becomes = () => flapping(run);
    await cluster.declare("web", { progressDeadlineSeconds: 5 });
    await cluster.calm();
    for (run = 1; run < 12; run++) {
      await agent.nudge();
      await cluster.pass(500);
    }
    const web = await cluster.process("default/web");
    assert.match(said(web, "Progressing"), /^False ProgressDeadlineExceeded: no progress for 5 s/);
  });

  it("says how it failed also when it happens to run at the deadline", async (t) => {
    const { cluster, agent } = await setUp(t);
    const lastState = { terminated: { reason: "Error", exitCode: 3 } };
    agent.becomes = () => ({ ...flapping(1), lastState });
    await cluster.declare("web", { progressDeadlineSeconds: 5 });
    await cluster.pass(4_500);
    agent.becomes = () => ({ ...flapping(2), lastState });
    await agent.nudge();
    await cluster.pass(600);
    assert.match(
      said(await cluster.process("default/web"), "Progressing"),
      /^False ProgressDeadlineExceeded: .*0 available\. web-0 runs again since exit code 3$/,
    );
  });

  it("a failure long after the rollout is no failure of the rollout", async (t) => {
    const { cluster, agent } = await setUp(t);
    await cluster.declare("web", { progressDeadlineSeconds: 5 });
    await cluster.pass(6_000);
    agent.becomes = () => flapping(1);
    await agent.nudge();
    await cluster.pass(60_000);
    assert.match(said(await cluster.process("default/web"), "Progressing"), /^True RolloutComplete/);
  });

  describe("with rollback: OnDeadline", () => {
    const args = async (cluster: Cluster) => (await cluster.all(instances)).map((instance) => instance.spec.args);

    async function broken(t: TestContext, more: Partial<ProcessSpec> = {}) {
      const set = await setUp(t);
      set.agent.becomes = ({ spec }) => (spec.args?.[0] === "bad" ? flapping(1) : ready);
      await set.cluster.declare("web", { args: ["good"], progressDeadlineSeconds: 5, rollback: "OnDeadline", ...more });
      await set.cluster.calm();
      await set.cluster.change("default/web", { args: ["bad"] });
      await set.cluster.calm();
      return set;
    }

    it("brings back what ran before, once, and says so until the template is another", async (t) => {
      const { cluster, controller } = await broken(t);
      const before = (await cluster.process("default/web"))!.status!;
      assert.deepEqual(await args(cluster), [["bad"]]);
      await cluster.pass(6_000);
      const web = (await cluster.process("default/web"))!;
      assert.deepEqual(await args(cluster), [["good"]]);
      assert.deepEqual(web.spec.args, ["bad"], "the spec belongs to whoever wrote it");
      assert.match(
        said(web, "Progressing"),
        /^False RolledBack: revision \S+ was rolled back to \S+: no progress for 5 s/,
      );
      assert.equal(web.status!.rollback!.from, before.currentRevision);
      assert.equal(web.status!.currentRevision, before.stableRevision);
      assert.equal(web.status!.decision!.rule, "RolledBack");
      assert.ok((await cluster.all(events)).some(({ reason }) => reason === "RolledBack"));
      controller.queue.add("default/web");
      await cluster.pass(3_600_000);
      const later = (await cluster.process("default/web"))!;
      assert.equal(later.metadata.resourceVersion, web.metadata.resourceVersion, "no ping-pong");
      await cluster.change("default/web", { args: ["better"] });
      await cluster.calm();
      assert.deepEqual(await args(cluster), [["better"]]);
      const { status } = (await cluster.process("default/web"))!;
      assert.equal(status!.rollback, undefined);
      assert.match(said((await cluster.process("default/web"))!, "Progressing"), /^True RolloutComplete/);
    });

    it("is stalled when what it brought back fails too", async (t) => {
      const { cluster, agent } = await broken(t);
      agent.becomes = () => flapping(1);
      await cluster.pass(6_000);
      assert.match(said(await cluster.process("default/web"), "Progressing"), /^True RollingBack/);
      await cluster.pass(6_000);
      assert.deepEqual(await args(cluster), [["good"]]);
      assert.match(
        said(await cluster.process("default/web"), "Stalled"),
        /^True RollbackFailed: revision \S+ was rolled back to/,
      );
      await cluster.pass(3_600_000);
      assert.deepEqual(await args(cluster), [["good"]]);
    });

    for (const revisionHistoryLimit of [0, 1]) {
      it(`writes its history once and is calm, though ${revisionHistoryLimit} revisions are kept`, async (t) => {
        const { cluster } = await broken(t, { revisionHistoryLimit });
        await cluster.pass(20_000);
        assert.deepEqual(await args(cluster), [["good"]]);
        const records = async () => (await cluster.all(controllerRevisions)).map(({ revision }) => revision).sort();
        assert.deepEqual(await records(), [2, 3]);
        await cluster.pass(3_600_000);
        assert.deepEqual(await records(), [2, 3]);
      });
    }

    for (const held of ["paused", "suspend"]) {
      it(`goes back also to what ran before ${held} was true for a while`, async (t) => {
        const { cluster, agent } = await setUp(t);
        agent.becomes = ({ spec }) => (spec.args?.[0] === "bad" ? flapping(1) : ready);
        await cluster.declare("web", { args: ["good"], progressDeadlineSeconds: 5, rollback: "OnDeadline" });
        await cluster.calm();
        await cluster.change("default/web", { [held]: true, args: ["bad"] });
        await cluster.pass(60_000);
        await cluster.change("default/web", { args: ["bad", "still"] });
        await cluster.calm();
        await cluster.change("default/web", { [held]: false });
        await cluster.pass(1_000);
        assert.deepEqual(await args(cluster), [["bad", "still"]]);
        await cluster.pass(6_000);
        assert.match(said(await cluster.process("default/web"), "Progressing"), /^(True RollingBack|False RolledBack)/);
        assert.deepEqual(await args(cluster), [["good"]]);
      });
    }

    it("has nothing to go back to when nothing ran before", async (t) => {
      const { cluster, agent } = await setUp(t);
      agent.becomes = () => flapping(1);
      await cluster.declare("web", { args: ["bad"], progressDeadlineSeconds: 5, rollback: "OnDeadline" });
      await cluster.pass(6_000);
      assert.match(said(await cluster.process("default/web"), "Progressing"), /^False ProgressDeadlineExceeded/);
      assert.deepEqual(await args(cluster), [["bad"]]);
    });
  });

  it("keeps the old template while paused, fills gaps with it, and rolls out when resumed", async (t) => {
    const { cluster, client } = await setUp(t);
    await cluster.declare("web", { replicas: 1, args: ["old"] });
    await cluster.calm();
    await cluster.change("default/web", { paused: true, args: ["new"], replicas: 2 });
    await cluster.calm();
    await client.delete(instances, "default/web-0");
    await cluster.calm();
    const args = async () => (await cluster.all(instances)).map(({ spec }) => spec.args?.[0]);
    assert.deepEqual(await args(), ["old", "old"]);
    const web = await cluster.process("default/web");
    assert.match(said(web, "Progressing"), /^Unknown RolloutPaused: 0 of 2 instances updated/);
    assert.equal(web!.status!.updatedReplicas, 0);
    await cluster.change("default/web", { paused: false });
    await cluster.calm();
    assert.deepEqual(await args(), ["new", "new"]);
  });
});
