import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { instances, nodes, type Resource } from "../../../api/scheme.ts";
import type { StoreRegistry } from "../../../apiserver/registry/store-registry.ts";
import type { UsageSource } from "../../../apiserver/views/instance-metrics.ts";
import { NodeMetricsView, type NodeUsageSource } from "../../../apiserver/views/node-metrics.ts";
import { PodMetricsView } from "../../../apiserver/views/pods/pod-metrics.ts";
import { systemClock } from "../../../lib/clock.ts";
import { instance, object, openDesk } from "../fixtures.ts";
import { storageContract } from "../registry/storage-contract.ts";
import { TestServer } from "../test-server.ts";

const when = { timestamp: "2030-01-01T00:00:00Z", window: "1.000s" };
const usage = { cpuSeconds: 2, cpu: 0.25, memoryBytes: 1025, handles: 3, processes: 1 };
const source: UsageSource & NodeUsageSource = {
  of: async (measured) =>
    measured
      .filter(({ metadata }) => metadata.name !== "dead")
      .map(({ metadata: { name, namespace = "" } }) => ({ metadata: { name, namespace }, ...when, usage })),
  ofNodes: async () => [{ name: "one", ...when, cpu: 1.5, memoryBytes: 2048 }],
};
const views = (registry: Pick<StoreRegistry, "stored">) => ({
  pods: new PodMetricsView(registry, source, systemClock),
  nodes: new NodeMetricsView(registry, source, systemClock),
});

for (const name of ["pods", "nodes"] as const) {
  storageContract(`what ${name} use`, async () => {
    const { registry, store } = await openDesk();
    await registry.create(instances as unknown as Resource, "default", instance("one"), {});
    await registry.create(nodes as unknown as Resource, undefined, object("Node", "one"), {});
    return { storage: views(registry)[name], close: () => store.close() };
  });
}

describe("metrics.k8s.io", () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({
      views: (registry) => Object.values(views(registry)),
    });
    for (const [name, labels] of [
      ["web-0", { app: "web" }],
      ["dead", {}],
    ] as const) {
      const path = "/apis/wctl.dev/v1/namespaces/default/instances";
      assert.equal((await server.ask("POST", path, { body: instance(name, { labels }) })).code, 201);
    }
    for (const name of ["one", "elsewhere"])
      assert.equal((await server.ask("POST", "/api/v1/nodes", { body: object("Node", name) })).code, 201);
  });
  after(() => server.stop());
  const get = async (path: string) => (await server.ask("GET", `/apis/metrics.k8s.io/v1beta1${path}`)).json;

  it("has what each Pod that lives uses, in quantities", async () => {
    const list = await get("/namespaces/default/pods");
    assert.deepEqual([list.kind, list.apiVersion], ["PodMetricsList", "metrics.k8s.io/v1beta1"]);
    assert.deepEqual(list.items, [
      {
        kind: "PodMetrics",
        apiVersion: "metrics.k8s.io/v1beta1",
        metadata: {
          name: "web-0",
          namespace: "default",
          creationTimestamp: when.timestamp,
          labels: { app: "web" },
        },
        ...when,
        containers: [{ name: "main", usage: { cpu: "250000000n", memory: "2Ki" } }],
      },
    ]);
    assert.deepEqual(await get("/namespaces/default/pods/web-0"), list.items[0]);
    assert.deepEqual((await get("/pods?labelSelector=app%3Ddb")).items, []);
    assert.equal((await get("/namespaces/default/pods/dead")).message, 'pods.metrics.k8s.io "dead" not found');
  });

  it("has what each node uses that can be measured", async () => {
    const { kind, items } = await get("/nodes");
    assert.deepEqual(kind, "NodeMetricsList");
    assert.deepEqual(items, [
      {
        kind: "NodeMetrics",
        apiVersion: "metrics.k8s.io/v1beta1",
        metadata: { name: "one", creationTimestamp: when.timestamp },
        ...when,
        usage: { cpu: "1500000000n", memory: "2Ki" },
      },
    ]);
    assert.deepEqual(await get("/nodes/one"), items[0]);
    assert.equal((await get("/nodes/elsewhere")).message, 'nodes.metrics.k8s.io "elsewhere" not found');
  });
});
