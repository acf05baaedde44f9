import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Client } from "../../../api/client.ts";
import { findCondition } from "../../../api/conditions.ts";
import { StatusError } from "../../../api/errors.ts";
import { controllerRevisions, events, instances, processes } from "../../../api/scheme.ts";
import type { InstanceStatus, Process, ProcessSpec } from "../../../api/types.generated.ts";
import { Cluster, FakeAgent } from "../../machinery/cluster.ts";
import { processController } from "./controller.ts";

async function setUp(t: TestContext, wrap?: (client: Client) => Client) {
  const cluster = await Cluster.open(t, wrap);
  const { client } = cluster;
  const { controller, informers } = processController(cluster);
  const agent = new FakeAgent(cluster, informers.instances);
  await cluster.start();
  return { cluster, agent, controller, client };
}

const said = (process: Process | undefined, type: string): string => {
  const condition = findCondition(process?.status?.conditions, type);
  return `${condition?.status} ${condition?.reason}: ${condition?.message}`;
};
const ready = { phase: "Ready", ready: true, started: true } as const;
/** As a program that ends every second: it runs in its even runs, and waits in its odd ones. */
const flapping = (run: number): InstanceStatus =>
  run % 2 === 0
    ? { ...ready, backoff: { failures: run } }
    : { phase: "Backoff", ready: false, backoff: { failures: run } };
const pending = { phase: "Running", ready: false, started: true } as const;

describe("ProcessReconciler", () => {
  it("makes Instances that carry everything the agent needs, and says that they are ready", async (t) => {
    const { cluster } = await setUp(t);
    await cluster.declare("web", { replicas: 2, args: ["-v"] }, { labels: { tier: "front" } });
    await cluster.calm();
    const [first, ...others] = await cluster.all(instances);
    assert.deepEqual(
      others.map((instance) => instance.metadata.name),
      ["web-1"],
    );
    const web = await cluster.process("default/web");
    const { name, labels, finalizers, ownerReferences } = first!.metadata;
    const revision = web!.status!.currentRevision!;
    assert.match(revision, /^web-[b-z2-9]{10}$/);
    assert.equal(name, "web-0");
    assert.deepEqual(labels, { tier: "front", "wctl.dev/process": "web", "wctl.dev/revision": revision });
    assert.deepEqual(finalizers, ["wctl.dev/stop"]);
    assert.deepEqual(ownerReferences, [
      {
        apiVersion: "wctl.dev/v1",
        kind: "Process",
        name: "web",
        uid: web!.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    const { nodeName, index, processName, command, args } = first!.spec;
    assert.deepEqual([nodeName, index, processName, command, args], ["pc1", 0, "web", "/bin/true", ["-v"]]);
    const { observedGeneration, replicas, readyReplicas, availableReplicas, updatedReplicas, selector, phase } =
      web!.status!;
    assert.deepEqual([replicas, readyReplicas, availableReplicas, updatedReplicas], [2, 2, 2, 2]);
    assert.deepEqual([observedGeneration, selector, phase], [1, "wctl.dev/process=web", "Running"]);
    assert.equal(said(web, "Ready"), "True AllInstancesReady: 2 instances ready");
    assert.equal(said(web, "Progressing"), `True RolloutComplete: revision ${revision} is rolled out`);
    assert.equal(web!.status!.decision!.rule, "AsDesired");
  });

  it("gives its Instances the labels that it has now, and starts nothing anew for it", async (t) => {
    const { cluster, client } = await setUp(t);
    await cluster.declare("web", { replicas: 2 }, { labels: { tier: "front", team: "a" } });
    await cluster.calm();
    const before = await cluster.all(instances);
    const body = { metadata: { labels: { tier: "back", team: null, zone: "1" } } };
    await client.patch(processes, "default/web", { type: "merge", body });
    await cluster.calm();
    const after = await cluster.all(instances);
    assert.deepEqual(
      after.map(({ metadata }) => metadata.uid),
      before.map(({ metadata }) => metadata.uid),
    );
    for (const { metadata, spec } of after) {
      const own = { "wctl.dev/process": "web", "wctl.dev/revision": spec.revision };
      assert.deepEqual(metadata.labels, { tier: "back", zone: "1", ...own });
    }
  });

  it("writes nothing when nothing changed", async (t) => {
    const { cluster, controller } = await setUp(t);
    await cluster.declare("web");
    await cluster.calm();
    const before = await cluster.process("default/web");
    controller.queue.add("default/web");
    await cluster.pass(3_600_000);
    assert.equal((await cluster.process("default/web"))!.metadata.resourceVersion, before!.metadata.resourceVersion);
  });

  it("replaces a deleted Instance when nothing of it is left, and not before (P2)", async (t) => {
    const { cluster, agent, client } = await setUp(t);
    await cluster.declare("web");
    await cluster.calm();
    agent.stops = () => false;
    const first = await cluster.find(instances, "default/web-0");
    await client.delete(instances, "default/web-0");
    await cluster.calm();
    assert.equal((await cluster.process("default/web"))!.status!.decision!.rule, "WaitingForTermination");
    assert.equal((await cluster.find(instances, "default/web-0"))!.metadata.uid, first!.metadata.uid);
    agent.stops = () => true;
    await agent.nudge();
    assert.notEqual((await cluster.find(instances, "default/web-0"))!.metadata.uid, first!.metadata.uid);
  });

  it("gives what is stopping less time when the edited spec does, never more", async (t) => {
    const { cluster, agent, client } = await setUp(t);
    await cluster.declare("web", { stop: { gracePeriodSeconds: 300 } });
    await cluster.calm();
    agent.stops = () => false;
    await client.delete(instances, "default/web-0", { gracePeriodSeconds: 200 });
    const grace = async () => (await cluster.find(instances, "default/web-0"))!.metadata.deletionGracePeriodSeconds;
    for (const [edited, effective] of [
      [250, 200],
      [5, 5],
      [60, 5],
      [0, 0],
    ] as const) {
      await cluster.change("default/web", { stop: { gracePeriodSeconds: edited } });
      await cluster.calm();
      assert.equal(await grace(), effective);
    }
  });

  it("leaves a deletion the time it was given while the spec says what it said", async (t) => {
    const { cluster, agent, client } = await setUp(t);
    await cluster.declare("web", { stop: { gracePeriodSeconds: 5 } });
    await cluster.calm();
    agent.stops = () => false;
    await client.delete(instances, "default/web-0", { gracePeriodSeconds: 200 });
    await cluster.change("default/web", { args: ["new"] });
    await cluster.calm();
    const { metadata } = (await cluster.find(instances, "default/web-0"))!;
    assert.equal(metadata.deletionGracePeriodSeconds, 200);
  });

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

    it("has nothing to go back to when nothing ran before", async (t) => {
      const { cluster, agent } = await setUp(t);
      agent.becomes = () => flapping(1);
      await cluster.declare("web", { args: ["bad"], progressDeadlineSeconds: 5, rollback: "OnDeadline" });
      await cluster.pass(6_000);
      assert.match(said(await cluster.process("default/web"), "Progressing"), /^False ProgressDeadlineExceeded/);
      assert.deepEqual(await args(cluster), [["bad"]]);
    });
  });

  it("starts after its dependency, names what it waits for, and stays when the dependency fails later", async (t) => {
    const { cluster, agent, client } = await setUp(t);
    agent.becomes = ({ spec }) => (spec.processName === "db" ? pending : { phase: "Ready", ready: true });
    await cluster.declare("web", { dependsOn: [{ name: "db", condition: "Ready" }] });
    await cluster.calm();
    const decision = async () => (await cluster.process("default/web"))!.status!.decision!;
    assert.deepEqual(await cluster.names(instances), []);
    assert.equal((await decision()).rule, "WaitingForDependency");
    assert.match((await decision()).message, /there is no process "db"/);
    await cluster.declare("db");
    await cluster.calm();
    assert.equal((await decision()).message, "waiting for db to be Ready: 0 of 1 instances are");
    await cluster.pass(300);
    agent.becomes = () => ({ phase: "Ready", ready: true });
    await agent.nudge();
    assert.deepEqual(await cluster.names(instances), ["db-0", "web-0"]);
    agent.becomes = ({ spec }) => (spec.processName === "db" ? { phase: "Backoff", ready: false } : undefined);
    await agent.nudge();
    assert.equal((await decision()).rule, "AsDesired");
    assert.equal((await cluster.find(instances, "default/web-0"))!.metadata.deletionTimestamp, undefined);
    await client.delete(instances, "default/web-0");
    await cluster.calm();
    assert.equal((await decision()).rule, "WaitingForDependency");
  });

  it("rolls out on what it depends on as one change of both left it, whichever of them is changed first", async (t) => {
    const { cluster, agent } = await setUp(t);
    agent.becomes = ({ spec }) =>
      spec.processName === "migration" ? { phase: "Succeeded", ready: false } : { phase: "Ready", ready: true };
    const args = async (name: string) => (await cluster.find(instances, `default/${name}`))?.spec.args?.[0];
    await cluster.declare("app", { args: ["1"], dependsOn: [{ name: "migration", condition: "Completed" }] });
    await cluster.declare("migration", { args: ["1"], restartPolicy: "OnFailure" });
    await cluster.calm();
    await cluster.pass(300);
    assert.equal(await args("app-0"), "1");
    agent.becomes = ({ spec }) => (spec.processName === "migration" ? pending : { phase: "Ready", ready: true });
    await cluster.change("default/app", { args: ["2"] });
    await cluster.calm();
    assert.equal(await args("app-0"), "1", "the old migration says nothing about the new app yet");
    await cluster.change("default/migration", { args: ["2"] });
    await cluster.calm();
    await cluster.pass(60_000);
    assert.equal(await args("app-0"), "1", "the new migration has not completed");
    agent.becomes = () => ({ phase: "Succeeded", ready: false });
    await agent.nudge();
    await cluster.pass(300);
    assert.equal(await args("app-0"), "2");
  });

  it("stalls at once, and all that depends on it, when a dependency failed for good; and goes on when that is mended", async (t) => {
    const { cluster, agent } = await setUp(t);
    agent.becomes = () => ({ phase: "Failed", ready: false });
    await cluster.declare("c", { restartPolicy: "Never" });
    await cluster.declare("b", { restartPolicy: "Never", dependsOn: [{ name: "c", condition: "Completed" }] });
    await cluster.declare("a", { dependsOn: [{ name: "b", condition: "Completed" }] });
    await cluster.calm();
    await cluster.pass(300);
    for (const name of ["a", "b"]) {
      const process = await cluster.process(`default/${name}`);
      assert.match(said(process, "Stalled"), /^True DependencyFailed/, name);
      assert.match(said(process, "Progressing"), /^False DependencyFailed/, name);
    }
    assert.deepEqual(await cluster.names(instances), ["c-0"]);
    agent.becomes = () => ({ phase: "Succeeded", ready: false });
    await cluster.change("default/c", { args: ["mended"] });
    await cluster.calm();
    await cluster.pass(300);
    assert.deepEqual(await cluster.names(instances), ["a-0", "b-0", "c-0"]);
    assert.match(said(await cluster.process("default/a"), "Stalled"), /^False/);
  });

  it("stalls on a cycle of dependencies, names it, and goes on when it is broken", async (t) => {
    const { cluster } = await setUp(t);
    for (const [name, other] of [
      ["a", "b"],
      ["b", "c"],
      ["c", "a"],
    ] as const) {
      await cluster.declare(name, { dependsOn: [{ name: other, condition: "Started" }] });
    }
    await cluster.calm();
    const a = await cluster.process("default/a");
    assert.match(said(a, "Stalled"), /^True DependencyCycle: .*a -> b -> c -> a/);
    assert.deepEqual(await cluster.names(instances), []);
    await cluster.change("default/c", { dependsOn: null });
    await cluster.calm();
    await cluster.pass(300);
    assert.deepEqual(await cluster.names(instances), ["a-0", "b-0", "c-0"]);
    assert.match(said(await cluster.process("default/a"), "Stalled"), /^False NotStalled/);
  });

  it("runs a one-shot once (P6)", async (t) => {
    const { cluster, agent, controller } = await setUp(t);
    agent.becomes = () => ({ phase: "Succeeded", ready: false });
    await cluster.declare("job", { restartPolicy: "OnFailure", replicas: 2 });
    await cluster.calm();
    const job = await cluster.process("default/job");
    assert.equal(job!.status!.phase, "Completed");
    assert.equal(said(job, "Ready").slice(0, 15), "False Completed");
    assert.match(said(job, "Progressing"), /^True RolloutComplete/);
    const before = (await cluster.all(instances)).map((instance) => instance.metadata.uid);
    controller.queue.add("default/job");
    await cluster.pass(86_400_000);
    assert.deepEqual(
      (await cluster.all(instances)).map((instance) => instance.metadata.uid),
      before,
    );
  });

  it("shows as Error what failed for good", async (t) => {
    const { cluster, agent } = await setUp(t);
    agent.becomes = () => ({
      phase: "Failed",
      ready: false,
      state: { terminated: { reason: "Error", exitCode: 3 } },
    });
    await cluster.declare("job", { restartPolicy: "Never" });
    await cluster.calm();
    const job = await cluster.process("default/job");
    assert.equal(job!.status!.phase, "Error");
    assert.equal(said(job, "Degraded"), "True InstanceFailed: 1 instance failing: job-0 failed (exit code 3)");
    assert.match(job!.status!.decision!.message, /delete the instance to run it again/);
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

  it("waits for the replicas of an earlier Process of the same name", async (t) => {
    const { cluster, agent, client } = await setUp(t);
    await cluster.declare("web");
    await cluster.calm();
    agent.stops = () => false;
    await client.delete(processes, "default/web");
    await cluster.declare("web", { args: ["second"] });
    await cluster.calm();
    const web = await cluster.process("default/web");
    assert.equal(web!.status!.decision!.rule, "NameTaken");
    assert.match(said(web, "Ready"), /web-0 belongs to another Process "web"/);
    agent.stops = () => true;
    await client.delete(instances, "default/web-0"); // as the garbage collector does
    await cluster.calm();
    assert.deepEqual((await cluster.find(instances, "default/web-0"))!.spec.args, ["second"]);
  });

  it("adopts replicas whose owner let them go", async (t) => {
    const { cluster, client } = await setUp(t);
    await cluster.declare("web", { replicas: 2 });
    await cluster.calm();
    const before = await cluster.find(instances, "default/web-0");
    await client.patch(instances, "default/web-0", { type: "merge", body: { metadata: { ownerReferences: null } } });
    await cluster.pass(1_000);
    const after = await cluster.find(instances, "default/web-0");
    assert.equal(after!.metadata.uid, before!.metadata.uid);
    assert.deepEqual(after!.metadata.ownerReferences, before!.metadata.ownerReferences);
  });

  it("starts nothing more for a Process that is being deleted", async (t) => {
    const { cluster, client } = await setUp(t);
    await cluster.declare("web", {}, { finalizers: ["example.com/hold"] });
    await cluster.calm();
    await client.delete(processes, "default/web");
    await client.delete(instances, "default/web-0");
    await cluster.calm();
    assert.deepEqual(await cluster.names(instances), []);
    const web = await cluster.process("default/web");
    assert.equal(web!.status!.phase, "Terminating");
  });

  it("goes on after the API failed in the middle", async (t) => {
    let failures = 3;
    const { cluster } = await setUp(t, (client) => {
      const create: Client["create"] = (resource, object, options) => {
        if (resource.plural === "instances" && failures-- > 0) return Promise.reject(new Error("disk full"));
        return client.create(resource, object, options);
      };
      return new Proxy(client, {
        get: (target, name) => (name === "create" ? create : Reflect.get(target, name, target).bind(target)),
      });
    });
    await cluster.declare("web", { replicas: 2 });
    await cluster.pass(1_000);
    assert.deepEqual(await cluster.names(instances), ["web-0", "web-1"]);
  });

  it("says what the API refuses, and tries again later", async (t) => {
    let refuse = true;
    const { cluster } = await setUp(t, (client) => {
      const create: Client["create"] = (resource, object, options) =>
        refuse && resource.plural === "instances"
          ? Promise.reject(new StatusError("Invalid", 'Instance.wctl.dev "web-0" is invalid: spec.command: too odd'))
          : client.create(resource, object, options);
      return new Proxy(client, {
        get: (target, name) => (name === "create" ? create : Reflect.get(target, name, target).bind(target)),
      });
    });
    await cluster.declare("web");
    await cluster.calm();
    const web = await cluster.process("default/web");
    assert.match(said(web, "Degraded"), /^True StepRefused: .*spec\.command: too odd/);
    refuse = false;
    await cluster.pass(10_000);
    assert.match(said(await cluster.process("default/web"), "Degraded"), /^False AsExpected/);
    assert.deepEqual(await cluster.names(instances), ["web-0"]);
  });

  it("looks at a crowd of replicas a few times, not once for each", async (t) => {
    const { cluster, controller } = await setUp(t);
    let looks = 0;
    const { next } = controller.queue;
    controller.queue.next = (signal) => {
      looks += 1;
      return next.call(controller.queue, signal);
    };
    await cluster.declare("web", { replicas: 300 });
    await cluster.pass(1_000);
    assert.equal((await cluster.process("default/web"))!.status!.readyReplicas, 300);
    assert.ok(looks < 60, `${looks} looks`);
  });
});
