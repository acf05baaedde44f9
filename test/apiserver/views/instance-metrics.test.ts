import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { InstanceMetricsView } from "../../../apiserver/views/instance-metrics.ts";
import { systemClock } from "../../../lib/clock.ts";
import { TestServer } from "../test-server.ts";

const root = "/apis/metrics.wctl.dev/v1";
const usage = { cpuSeconds: 2, cpu: 0.25, memoryBytes: 1024, handles: 3, processes: 1 };

describe("metrics of instances", () => {
  let server: TestServer;
  /** Of those that live. */
  let measured: string[] = [];
  const source = {
    of: async (instances: readonly Stored<Instance>[]) =>
      instances
        .filter(({ metadata }) => metadata.name !== "dead")
        .map(({ metadata: { name, namespace = "" } }) => {
          measured.push(name);
          return { metadata: { name, namespace }, timestamp: "2030-01-01T00:00:00Z", window: "1s", usage };
        }),
  };
  const get = async (path: string, headers = {}) => (await server.ask("GET", root + path, { headers })).json;
  const names = (list: { items: { metadata: { name: string } }[] }) => list.items.map(({ metadata }) => metadata.name);

  before(async () => {
    server = await TestServer.start({ views: (registry) => [new InstanceMetricsView(registry, source, systemClock)] });
    for (const [name, labels] of [
      ["web-0", { app: "web" }],
      ["db-0", { app: "db" }],
      ["dead", {}],
    ] as const) {
      const body = {
        apiVersion: "wctl.dev/v1",
        kind: "Instance",
        metadata: { name, labels },
        spec: { command: "/bin/true", nodeName: "box", index: 0, revision: "r" },
      };
      const { code, text } = await server.ask("POST", "/apis/wctl.dev/v1/namespaces/default/instances", { body });
      assert.equal(code, 201, text);
    }
  });
  after(() => server.stop());

  it("are listed everywhere, in a namespace and by label, of those that live", async () => {
    const everywhere = await get("/instances");
    assert.deepEqual([everywhere.kind, everywhere.apiVersion], ["InstanceMetricsList", "metrics.wctl.dev/v1"]);
    assert.deepEqual(everywhere.metadata, {}, "nothing is kept: there is no revision");
    assert.deepEqual(names(everywhere), ["db-0", "web-0"]);
    measured = [];
    assert.deepEqual(names(await get("/namespaces/default/instances?labelSelector=app%3Dweb")), ["web-0"]);
    assert.deepEqual(measured, ["web-0"]);
    assert.deepEqual(names(await get("/namespaces/other/instances")), []);
    assert.deepEqual(names(await get("/instances?resourceVersion=999999&limit=1")), ["db-0", "web-0"], "nor pages");
  });

  it("are had one by one, and not of what does not live", async () => {
    const one = await get("/namespaces/default/instances/web-0");
    assert.deepEqual(await get("/namespaces/default/instances/web-0?resourceVersion=999999"), one);
    assert.deepEqual(one, {
      kind: "InstanceMetrics",
      apiVersion: "metrics.wctl.dev/v1",
      metadata: { name: "web-0", namespace: "default" },
      timestamp: "2030-01-01T00:00:00Z",
      window: "1s",
      usage,
    });
    for (const name of ["dead", "ghost"]) {
      const { code, message } = await get(`/namespaces/default/instances/${name}`);
      assert.deepEqual([code, message], [404, `instances.metrics.wctl.dev "${name}" not found`]);
    }
  });

  it("are rows too", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const table = await get("/namespaces/default/instances", { accept });
    assert.deepEqual(
      table.columnDefinitions.map(({ name }: { name: string }) => name),
      ["Name", "CPU", "Memory", "Window"],
    );
    assert.deepEqual(
      table.rows.map(({ cells }: { cells: unknown[] }) => cells),
      [
        ["db-0", 0.25, 1024, "1s"],
        ["web-0", 0.25, 1024, "1s"],
      ],
    );
  });

  it("can be read and nothing else", async () => {
    const { resources } = await get("");
    assert.deepEqual(
      resources.map(({ name, verbs }: { name: string; verbs: string[] }) => [name, verbs]),
      [["instances", ["get", "list"]]],
    );
    const path = `${root}/namespaces/default/instances`;
    for (const [method, url] of [
      ["POST", path],
      ["DELETE", path],
      ["GET", `${path}?watch=1`],
      ["PUT", `${path}/web-0`],
      ["PATCH", `${path}/web-0`],
      ["DELETE", `${path}/web-0`],
    ] as const) {
      const { code } = await server.ask(method, url, method === "GET" ? {} : { body: {} });
      assert.equal(code, 405, `${method} ${url}`);
    }
    for (const path of ["/pods", "/instances/web-0", "/namespaces/default/instances/web-0/log"]) {
      assert.equal((await get(path)).code, 404, path);
    }
  });
});
