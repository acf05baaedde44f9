import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client } from "../../../api/client.ts";
import { StatusError } from "../../../api/errors.ts";
import { instances, processes } from "../../../api/scheme.ts";
import type { Process } from "../../../api/types.generated.ts";
import { said, setUp } from "./reconciled.ts";

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

  it("writes a status once for a start, and once for an edit: what is overtaken at once is not written", async (t) => {
    const told: string[] = [];
    const { cluster } = await setUp(t, (client) => noting(client, told));
    await cluster.declare("web");
    await cluster.calm();
    assert.deepEqual(told.splice(0), ["Running"]);
    await cluster.change("default/web", { args: ["new"] });
    await cluster.calm();
    assert.deepEqual(told.splice(0), ["Running"]);
    await cluster.pass(10_000);
    assert.deepEqual(told, []);
  });

  it("writes that it waits for an agent that says nothing", async (t) => {
    const told: string[] = [];
    const { cluster, agent } = await setUp(t, (client) => noting(client, told));
    agent.becomes = () => undefined;
    await cluster.declare("web");
    await cluster.pass(999);
    assert.deepEqual(told, []);
    await cluster.pass(1);
    assert.deepEqual(told, ["Pending"]);
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
    await cluster.pass(150);
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

  it("adopts none that runs as another account: its home would come along", async (t) => {
    const { cluster, client } = await setUp(t);
    await client.create(instances, {
      apiVersion: "wctl.dev/v1",
      kind: "Instance",
      metadata: { name: "web-0", namespace: "default", labels: { "wctl.dev/process": "web" } },
      spec: {
        command: "/bin/true",
        runAs: { account: "root" },
        nodeName: "pc1",
        index: 0,
        revision: "r",
        processName: "web",
      },
    });
    await cluster.declare("web", { runAs: { account: "Dynamic" } });
    await cluster.pass(1_000);
    const left = await cluster.find(instances, "default/web-0");
    assert.deepEqual([left!.spec.runAs, left!.metadata.ownerReferences], [{ account: "root" }, undefined]);
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

/** The phases that are written into the status of Processes. */
const noting = (client: Client, told: string[]): Client =>
  new Proxy(client, {
    get: (target, name: keyof Client) => {
      const method = target[name].bind(target) as (...given: unknown[]) => unknown;
      return (...given: unknown[]) => {
        const [resource, object] = given;
        if (name === "updateStatus" && resource === processes) told.push(String((object as Process).status?.phase));
        return method(...given);
      };
    },
  });
