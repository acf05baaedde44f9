import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { isReason } from "../../../api/errors.ts";
import { configMaps, instances, namespaces, processes, scheme } from "../../../api/scheme.ts";
import { NamespaceReconciler, watchNamespaces } from "../../../controllers/namespace/reconciler.ts";
import { Cluster, FakeAgent } from "../../machinery/cluster.ts";

async function setUp(t: TestContext) {
  const cluster = await Cluster.open(t);
  const { client, clock } = cluster;
  const own = cluster.informer(namespaces);
  const contents = cluster.informer(instances);
  const agent = new FakeAgent(cluster, contents);
  const reconciler = new NamespaceReconciler({
    client: cluster.as("namespace"),
    namespaces: own.lister,
    resources: scheme,
    clock,
  });
  watchNamespaces(cluster.controller("namespace", reconciler), own, [contents]);
  await cluster.start();
  await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  return { cluster, client, agent };
}

const map = (name: string, namespace: string) =>
  ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace } }) as const;

describe("NamespaceReconciler", () => {
  it("deletes everything in it, then lets it go; other namespaces stay", async (t) => {
    const { cluster, client } = await setUp(t);
    await client.create(configMaps, map("a", "shop"));
    await client.create(configMaps, map("b", "default"));
    await cluster.declare("web", {}, { namespace: "shop" });
    await client.delete(namespaces, "shop");
    await cluster.calm();
    assert.equal(await cluster.find(namespaces, "shop"), undefined);
    assert.deepEqual(await cluster.names(configMaps, "shop"), []);
    assert.deepEqual(await cluster.names(processes, "shop"), []);
    assert.deepEqual(await cluster.names(configMaps, "default"), ["b"]);
  });

  it("waits for what finalizers hold, says what that is, and refuses new content meanwhile", async (t) => {
    const { cluster, client, agent } = await setUp(t);
    agent.stops = () => false;
    await client.create(instances, {
      apiVersion: "wctl.dev/v1",
      kind: "Instance",
      metadata: { name: "web-0", namespace: "shop", finalizers: ["wctl.dev/stop"] },
      spec: { command: "/bin/true", nodeName: "pc1", index: 0, revision: "web-x" },
    });
    await client.delete(namespaces, "shop");
    await cluster.calm();
    const shop = await cluster.find(namespaces, "shop");
    assert.equal(shop?.status?.phase, "Terminating");
    assert.equal(
      shop?.status?.conditions?.[0]?.message,
      "Some resources are remaining: instances.wctl.dev has 1 resource instances",
    );
    await assert.rejects(client.create(configMaps, map("late", "shop")), (error) => isReason(error, "Forbidden"));
    agent.stops = () => true;
    await agent.nudge();
    assert.equal(await cluster.find(namespaces, "shop"), undefined);
  });

  it("hands the grace period on that was asked for, also to what is stopping already", async (t) => {
    const { cluster, client, agent } = await setUp(t);
    agent.stops = () => false;
    await client.create(instances, {
      apiVersion: "wctl.dev/v1",
      kind: "Instance",
      metadata: { name: "web-0", namespace: "shop" },
      spec: { command: "/bin/true", nodeName: "pc1", index: 0, revision: "web-x", stop: { gracePeriodSeconds: 300 } },
    });
    const grace = async () => (await cluster.find(instances, "shop/web-0"))?.metadata.deletionGracePeriodSeconds;
    for (const [options, effective] of [
      [{}, 300],
      [{ gracePeriodSeconds: 2 }, 2],
      [{ gracePeriodSeconds: 60 }, 2],
      [{ gracePeriodSeconds: 0 }, 0],
    ] as const) {
      await client.delete(namespaces, "shop", options);
      await cluster.calm();
      assert.equal(await grace(), effective);
    }
  });

  it("leaves a namespace alone that nobody deleted", async (t) => {
    const { cluster, client } = await setUp(t);
    await client.create(configMaps, map("a", "shop"));
    await cluster.pass(60_000);
    assert.deepEqual(await cluster.names(configMaps, "shop"), ["a"]);
  });
});
