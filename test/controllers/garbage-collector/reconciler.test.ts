import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { controllerReference, type OwnerReference, type Stored } from "../../../api/object.ts";
import {
  clusterRoles,
  configMaps,
  controllerRevisions,
  instances,
  namespaces,
  processes,
  secrets,
} from "../../../api/scheme.ts";
import type { ConfigMap, Secret } from "../../../api/types.generated.ts";
import { Graph, graphIndexers } from "../../../controllers/garbage-collector/graph.ts";
import { watchGraph } from "../../../controllers/garbage-collector/keys.ts";
import { GarbageCollector } from "../../../controllers/garbage-collector/reconciler.ts";
import { Cluster, FakeAgent } from "../../machinery/cluster.ts";
import { processController } from "../process/controller.ts";

async function setUp(t: TestContext, { withProcesses = false } = {}) {
  const cluster = await Cluster.open(t);
  const { client } = cluster;
  const graph = new Graph([
    cluster.informer(processes, graphIndexers),
    cluster.informer(instances, graphIndexers),
    cluster.informer(secrets, graphIndexers),
    cluster.informer(configMaps, graphIndexers),
    cluster.informer(controllerRevisions, graphIndexers),
    cluster.informer(clusterRoles, graphIndexers),
  ]);
  const collector = new GarbageCollector({ client: cluster.as("garbage-collector"), graph });
  const { queue } = watchGraph(cluster.controller("garbage-collector", collector), graph);
  const informer = withProcesses ? processController(cluster).informers.instances : cluster.informer(instances);
  const agent = new FakeAgent(cluster, informer);
  await cluster.start();
  return { cluster, client, agent, queue };
}

const map = (name: string, ...owners: Stored[]): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default", ...references(owners) },
});
const secret = (name: string, ...owners: Stored[]): Secret => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: "default", ...references(owners) },
});
const references = (owners: Stored[]) =>
  owners.length === 0 ? {} : { ownerReferences: owners.map((owner) => controllerReference(owner)).map(uncontrolled) };
const uncontrolled = <T extends { controller?: boolean }>({ controller: _, ...reference }: T) => reference;

describe("GarbageCollector", () => {
  it("deletes the whole tree under a deleted owner, over kinds", async (t) => {
    const { cluster, client } = await setUp(t);
    const root = await client.create(configMaps, map("root"));
    const branch = await client.create(secrets, secret("branch", root));
    await client.create(configMaps, map("leaf", branch));
    await client.create(configMaps, map("other"));
    await client.delete(configMaps, "default/root");
    await cluster.calm();
    assert.deepEqual(await cluster.names(configMaps), ["other"]);
    assert.deepEqual(await cluster.names(secrets), []);
  });

  it("looks at nothing whose owners are all there, until one goes", async (t) => {
    const { cluster, client, queue } = await setUp(t);
    const [first, second] = [
      await client.create(configMaps, map("first")),
      await client.create(configMaps, map("second")),
    ];
    await cluster.calm();
    await client.create(secrets, secret("branch", first, second));
    await cluster.calm();
    assert.equal(queue.statistics().taken, 0);
    await client.delete(configMaps, "default/first");
    await client.delete(configMaps, "default/second");
    await cluster.calm();
    assert.ok(queue.statistics().taken > 0);
    assert.deepEqual(await cluster.names(secrets), []);
  });

  it("is held up by nobody of another namespace, whatever he says he depends on", async (t) => {
    const { cluster, client } = await setUp(t);
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "strange" } });
    const own = await client.create(configMaps, map("own"));
    const held = { namespace: "strange", finalizers: ["example.com/held"] };
    for (const [name, more] of [
      ["by-name", {}],
      ["by-uid", { kind: "Secret", name: "another" }],
    ] as const) {
      const [reference] = references([own]).ownerReferences as [OwnerReference];
      const ownerReferences = [{ ...reference, ...more, blockOwnerDeletion: true }];
      await client.create(configMaps, { ...map(name), metadata: { name, ...held, ownerReferences } });
    }
    await client.delete(configMaps, "default/own", { propagation: "Foreground" });
    await cluster.calm();
    assert.deepEqual(
      (await client.list(configMaps, {})).items.map(({ metadata }) => metadata.name),
      ["by-name", "by-uid"],
      "what was held up there stays, and the owner went",
    );
  });

  it("is held up only by what names its kind and name too, where the owner is in no namespace", async (t) => {
    const { cluster, client } = await setUp(t);
    const role = await client.create(clusterRoles, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "reader" },
    });
    const [reference] = references([role]).ownerReferences as [OwnerReference];
    const ownerReferences = [{ ...reference, kind: "ConfigMap", apiVersion: "v1" }];
    const metadata = { name: "liar", namespace: "default", finalizers: ["example.com/held"], ownerReferences };
    await client.create(configMaps, { ...map("liar"), metadata });
    await client.delete(clusterRoles, "reader", { propagation: "Foreground" });
    await cluster.calm();
    assert.ok(!(await cluster.names(clusterRoles)).includes("reader"));
  });

  it("keeps what is in no namespace and names an owner in one: such an owner can't be found", async (t) => {
    const { cluster, client } = await setUp(t);
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "gone", uid: "gone" }];
    const metadata = { name: "lonely", ownerReferences };
    await client.create(clusterRoles, { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata });
    await cluster.calm();
    assert.ok((await cluster.names(clusterRoles)).includes("lonely"));
  });

  it("deletes what comes after its owner went, or points at an earlier owner of the same name", async (t) => {
    const { cluster, client } = await setUp(t);
    const first = await client.create(configMaps, map("root"));
    await client.delete(configMaps, "default/root");
    const second = await client.create(configMaps, map("root"));
    await client.create(configMaps, map("late", first));
    await client.create(configMaps, map("kept", second));
    await cluster.calm();
    assert.deepEqual(await cluster.names(configMaps), ["kept", "root"]);
  });

  it("keeps what has another owner, and forgets the one that is gone", async (t) => {
    const { cluster, client } = await setUp(t);
    const a = await client.create(configMaps, map("a"));
    const b = await client.create(configMaps, map("b"));
    await client.create(configMaps, map("shared", a, b));
    await client.delete(configMaps, "default/a");
    await cluster.calm();
    const shared = await cluster.find(configMaps, "default/shared");
    assert.deepEqual(
      shared?.metadata.ownerReferences?.map(({ name }) => name),
      ["b"],
    );
  });

  it("leaves alone what an unknown kind owns", async (t) => {
    const { cluster, client } = await setUp(t);
    const owner = { apiVersion: "example.com/v1", kind: "Robot", name: "r", uid: "r" };
    const owned = map("owned");
    await client.create(configMaps, { ...owned, metadata: { ...owned.metadata, ownerReferences: [owner] } });
    await cluster.calm();
    assert.deepEqual(await cluster.names(configMaps), ["owned"]);
  });

  it("foreground: the owner stays until the last dependent has stopped", async (t) => {
    const { cluster, client, agent } = await setUp(t, { withProcesses: true });
    await cluster.declare("web", { replicas: 2 });
    await cluster.calm();
    agent.stops = ({ spec }) => spec.index === 0;
    await client.delete(processes, "default/web", { propagation: "Foreground" });
    await cluster.pass(1_000);
    assert.equal((await cluster.process("default/web"))?.status?.phase, "Terminating");
    assert.deepEqual(await cluster.names(instances), ["web-1"]);
    agent.stops = () => true;
    await agent.nudge();
    await cluster.pass(1_000);
    assert.deepEqual(await cluster.names(instances), []);
    assert.equal(await cluster.process("default/web"), undefined);
  });

  it("background: the owner goes at once, dependents follow", async (t) => {
    const { cluster, client, agent } = await setUp(t, { withProcesses: true });
    await cluster.declare("web", { replicas: 2 });
    await cluster.calm();
    agent.stops = () => false;
    await client.delete(processes, "default/web", { propagation: "Background" });
    await cluster.calm();
    assert.equal(await cluster.process("default/web"), undefined);
    const left = await cluster.all(instances);
    assert.ok(left.length === 2 && left.every(({ metadata }) => metadata.deletionTimestamp));
    agent.stops = () => true;
    await agent.nudge();
    assert.deepEqual(await cluster.names(instances), []);
  });

  it("a second, less patient deletion of the owner reaches what is stopping already", async (t) => {
    const { cluster, client, agent } = await setUp(t, { withProcesses: true });
    await cluster.declare("web", { replicas: 2, stop: { gracePeriodSeconds: 300 } });
    await cluster.calm();
    agent.stops = () => false;
    const graces = async () =>
      (await cluster.all(instances)).map(({ metadata }) => metadata.deletionGracePeriodSeconds);
    await client.delete(processes, "default/web", { propagation: "Foreground" });
    await cluster.calm();
    assert.deepEqual(await graces(), [300, 300]);
    for (const [gracePeriodSeconds, effective] of [
      [5, 5],
      [60, 5],
      [0, 0],
    ] as const) {
      await client.delete(processes, "default/web", { propagation: "Background", gracePeriodSeconds });
      await cluster.calm();
      assert.deepEqual(await graces(), [effective, effective]);
    }
  });

  it("orphan: the owner goes, dependents stay and run on; a new owner adopts them", async (t) => {
    const { cluster, client } = await setUp(t, { withProcesses: true });
    await cluster.declare("web", { replicas: 1 });
    await cluster.calm();
    const before = await cluster.find(instances, "default/web-0");
    await client.delete(processes, "default/web", { propagation: "Orphan" });
    await cluster.pass(1_000);
    assert.equal(await cluster.process("default/web"), undefined);
    assert.deepEqual((await cluster.find(instances, "default/web-0"))?.metadata.ownerReferences, undefined);
    await cluster.declare("web", { replicas: 1 });
    await cluster.pass(1_000);
    const after = await cluster.find(instances, "default/web-0");
    assert.equal(after?.metadata.uid, before?.metadata.uid);
    assert.equal(after?.metadata.ownerReferences?.[0]?.name, "web");
  });
});
