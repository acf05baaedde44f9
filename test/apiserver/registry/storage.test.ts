import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isReason } from "../../../api/errors.ts";
import type { Stored } from "../../../api/object.ts";
import { apiVersionOf, instances, type Resource } from "../../../api/scheme.ts";
import { kinds } from "../../../apiserver/kinds/kinds.ts";
import type { Registry } from "../../../apiserver/registry/registry.ts";
import { InstanceMetricsView, type UsageSource } from "../../../apiserver/views/instance-metrics.ts";
import { systemClock } from "../../../lib/clock.ts";
import { instance, object, openDesk, process } from "../fixtures.ts";
import { adminClient } from "../local-clients.ts";
import { TestServer } from "../test-server.ts";
import { PodView, ReviewStorage, resourceOf } from "./example-views.ts";
import { storageContract } from "./storage-contract.ts";

/** A valid Object of each kind. */
const one: Record<string, object> = {
  Process: process("one"),
  Instance: instance("one"),
  ConfigMap: object("ConfigMap", "one", { data: { a: "1" } }),
  GitSource: {
    ...object("GitSource", "one", { spec: { url: "https://git.example.com/x.git" } }),
    apiVersion: "wctl.dev/v1",
  },
  Secret: object("Secret", "one", { stringData: { a: "1" } }),
  Namespace: object("Namespace", "one"),
  Event: object("Event", "one", { involvedObject: { kind: "Process", name: "one" } }),
  Node: object("Node", "one"),
  ControllerRevision: { ...object("ControllerRevision", "one", { data: {}, revision: 1 }), apiVersion: "apps/v1" },
  ...Object.fromEntries(
    ["RoleBinding", "ClusterRoleBinding"].map((kind) => {
      const roleRef = { kind: "ClusterRole", name: "view" };
      return [kind, { ...object(kind, "one", { roleRef }), apiVersion: "rbac.authorization.k8s.io/v1" }];
    }),
  ),
};

for (const { resource } of kinds) {
  storageContract(resource.plural, async () => {
    const { registry, store } = await openDesk();
    const body = one[resource.kind] ?? { ...object(resource.kind, "one"), apiVersion: apiVersionOf(resource) };
    await registry.create(resource, resource.namespaced ? "default" : undefined, body, {});
    return { storage: registry.at(resource), close: () => store.close() };
  });
}

const usage = { cpuSeconds: 2, cpu: 0.25, memoryBytes: 1024, handles: 3, processes: 1 };
const source: UsageSource = {
  of: async (measured) =>
    measured.map(({ metadata: { name, namespace = "" } }) => {
      return { metadata: { name, namespace }, timestamp: "2030-01-01T00:00:00Z", window: "1s", usage };
    }),
};

for (const [name, viewOf] of [
  ["an example: pods", (registry: Registry) => new PodView(registry)],
  ["metrics of instances", (registry: Registry) => new InstanceMetricsView(registry, source, systemClock)],
] as const) {
  storageContract(name, async () => {
    const { registry, store } = await openDesk();
    await registry.create(instances as unknown as Resource, "default", instance("one"), {});
    return { storage: viewOf(registry), close: () => store.close() };
  });
}

const root = "/apis/views.example/v1";
const pods = `${root}/namespaces/default/pods`;

describe("a resource that keeps nothing", () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({ views: (registry) => [new PodView(registry), new ReviewStorage()] });
    const path = "/apis/wctl.dev/v1/namespaces/default/instances";
    for (const name of ["web-0", "web-1"]) {
      const { code, text } = await server.ask("POST", path, {
        body: instance(name, { labels: { nth: name.slice(4) } }),
      });
      assert.equal(code, 201, text);
    }
  });
  after(() => server.stop());
  const get = async (path: string, headers = {}) => (await server.ask("GET", path, { headers })).json;

  it("is read one by one, as a list, and by selectors", async () => {
    const one = await get(`${pods}/web-0`);
    assert.deepEqual([one.kind, one.metadata.name, one.status], ["Pod", "web-0", { phase: "Pending" }]);
    const list = await get(`${root}/pods?labelSelector=nth%3D1`);
    assert.deepEqual([list.kind, list.apiVersion], ["PodList", "views.example/v1"]);
    assert.deepEqual(
      list.items.map(({ kind, metadata }: Stored) => `${kind} ${metadata.name}`),
      ["Pod web-1"],
    );
    assert.equal((await get(`${pods}/none`)).code, 404);
  });

  it("is watched", async () => {
    const stream = await server.open("GET", `${pods}?watch=1`);
    let text = "";
    for await (const chunk of stream) {
      text += chunk;
      if (text.split("\n").length > 2) break;
    }
    const events = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map(({ type, object }) => `${type} ${object.kind} ${object.metadata.name}`),
      ["ADDED Pod web-0", "ADDED Pod web-1"],
    );
  });

  it("is a table", async () => {
    const table = await get(pods, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
    assert.deepEqual(
      table.columnDefinitions.map(({ name }: { name: string }) => name),
      ["Name", "Phase", "Age"],
    );
    assert.deepEqual(table.rows[0].cells.slice(0, 2), ["web-0", "Pending"]);
  });

  it("is found by discovery, with what it can", async () => {
    const { resources } = await get(root);
    assert.deepEqual(
      resources.map(({ name, namespaced, verbs }: { name: string; namespaced: boolean; verbs: string[] }) => [
        name,
        namespaced,
        verbs,
      ]),
      [
        ["pods", true, ["get", "list", "watch"]],
        ["reviews", false, ["create"]],
      ],
    );
    const groups = (await get("/apis")).groups.map(({ name }: { name: string }) => name);
    assert.ok(groups.includes("views.example"));
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const found = (await get("/apis", { accept })).items.find(
      ({ metadata }: Stored) => metadata.name === "views.example",
    );
    assert.deepEqual(found.versions[0].resources[0].verbs, ["get", "list", "watch"]);
  });

  it("is asked by creating, and answers what it likes", async () => {
    const reply = await server.ask("POST", `${root}/reviews`, { body: { spec: { verb: "get" } } });
    assert.deepEqual([reply.code, reply.json.status], [201, { allowed: true }]);
    assert.match(String(reply.headers.warning), /only an example/);
  });

  it("is refused what it cannot, over HTTP as inside the daemon", async () => {
    for (const [method, path] of [
      ["POST", pods],
      ["DELETE", pods],
      ["PUT", `${pods}/web-0`],
      ["PATCH", `${pods}/web-0`],
      ["DELETE", `${pods}/web-0`],
      ["GET", `${root}/reviews`],
      ["GET", `${root}/reviews?watch=1`],
      ["GET", `${root}/reviews/x`],
    ] as const) {
      const { code, json } = await server.ask(method, path, method === "GET" ? {} : { body: {} });
      assert.deepEqual([code, json.reason], [405, "MethodNotAllowed"], `${method} ${path}`);
    }
    for (const path of [`${pods}/web-0/status`, `${root}/nothing`]) assert.equal((await get(path)).code, 404, path);
    const client = adminClient(server.registry);
    const { resource } = new ReviewStorage();
    const isRefused = (error: unknown): boolean => isReason(error, "MethodNotAllowed");
    await assert.rejects(client.get(resource, "x"), isRefused);
    await assert.rejects(client.list(resource), isRefused);
    await assert.rejects(client.delete(resource, "x"), isRefused);
    await assert.rejects(client.patch(resource, "x", { type: "merge", body: {} }), isRefused);
    const pod = resourceOf("Pod", "pods");
    assert.equal((await client.get(pod, "default/web-1")).kind, "Pod");
    const watch = client.watch(resource, { signal: new AbortController().signal })[Symbol.asyncIterator]();
    await assert.rejects(watch.next(), isRefused);
    await assert.rejects(client.get(resourceOf("Ghost", "ghosts"), "x"), (error) => isReason(error, "NotFound"));
  });
});
