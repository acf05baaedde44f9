import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { StoreRegistry } from "../../../apiserver/registry/store-registry.ts";
import { ownDefinitions } from "../../../apiserver/views/custom-resource-definitions.ts";
import { FixedView } from "../../../apiserver/views/fixed-view.ts";
import { noServices } from "../../../apiserver/views/services.ts";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { MemoryStore } from "../../../store/memory-store.ts";
import { storageContract } from "../registry/storage-contract.ts";
import { TestServer } from "../test-server.ts";

storageContract("the definitions of our own kinds", async () => {
  const store = await MemoryStore.open({ logger: silentLogger, clock: systemClock });
  return { storage: new FixedView(store, systemClock, ownDefinitions), close: () => store.close() };
});

describe("services", () => {
  let server: TestServer;
  let store: MemoryStore;
  before(async () => {
    store = await MemoryStore.open({ logger: silentLogger, clock: systemClock });
    const registry = new StoreRegistry({ store, clock: systemClock, logger: silentLogger });
    registry.install(new FixedView(store, systemClock, noServices));
    await registry.bootstrap();
    server = await TestServer.start({ registry });
  });
  after(async () => {
    await server.stop();
    await store.close();
  });

  it("are an empty list of the latest revision, with whatever selector, as objects and as rows", async () => {
    const list = await server.ask("GET", "/api/v1/services?labelSelector=kubernetes.io/cluster-service%3Dtrue");
    assert.deepEqual([list.code, list.json.kind, list.json.items], [200, "ServiceList", []]);
    assert.equal(list.json.metadata.resourceVersion, String(store.revision));
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const table = await server.ask("GET", "/api/v1/namespaces/default/services", { headers: { accept } });
    assert.deepEqual([table.json.kind, table.json.rows], ["Table", []]);
  });

  it("are none of any name, and cannot be made", async () => {
    const path = "/api/v1/namespaces/default/services";
    const one = await server.ask("GET", `${path}/web`);
    assert.deepEqual([one.code, one.json.message], [404, 'services "web" not found']);
    const body = { apiVersion: "v1", kind: "Service", metadata: { name: "web" } };
    const made = await server.ask("POST", path, { body });
    assert.equal(made.code, 405);
    assert.match(made.json.message, /spec\.ports/);
  });

  it("are watched, and nothing happens", async () => {
    const query =
      "watch=true&timeoutSeconds=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    const watched = await server.ask("GET", `/api/v1/services?${query}`);
    const events = watched.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.ok(events.length > 0 && events.every(({ type }) => type === "BOOKMARK"), watched.text);
  });
});

describe("definitions of custom resources", () => {
  let server: TestServer;
  let store: MemoryStore;
  before(async () => {
    store = await MemoryStore.open({ logger: silentLogger, clock: systemClock });
    server = await TestServer.start({ views: () => [new FixedView(store, systemClock, ownDefinitions)] });
  });
  after(async () => {
    await server.stop();
    await store.close();
  });
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const one = `${path}/processes.wctl.dev`;

  it("say of our own kinds what clients look for, and that they are in force", async () => {
    const { json: list } = await server.ask("GET", path);
    const named = list.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
    assert.deepEqual(
      [list.kind, named],
      ["CustomResourceDefinitionList", ["processes.wctl.dev", "instances.wctl.dev", "gitsources.wctl.dev"]],
    );
    const { json: crd } = await server.ask("GET", one);
    assert.match(crd.metadata.uid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(crd.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(crd.spec.versions[0].subresources.scale.specReplicasPath, ".spec.replicas");
    assert.deepEqual(crd.status.storedVersions, ["v1"]);
    const isTrue = crd.status.conditions.map(({ type, status }: Record<string, string>) => [type, status]);
    assert.deepEqual(isTrue, [
      ["NamesAccepted", "True"],
      ["Established", "True"],
    ]);
    assert.deepEqual((await server.ask("GET", `${path}?continue=x`)).code, 400);
  });

  it("are part of the program: nobody writes them, and who tries is told so", async () => {
    const { json: crd } = await server.ask("GET", one);
    for (const [method, at] of [
      ["POST", path],
      ["PUT", one],
      ["PATCH", one],
      ["DELETE", one],
      ["DELETE", path],
    ] as const) {
      const refused = await server.ask(method, at, { body: crd });
      assert.equal(refused.code, 405, method);
      assert.match(refused.json.message, /the kinds of wctl\.dev are part of wctld/);
    }
    assert.equal((await server.ask("GET", `${path}/things.example.com`)).code, 404);
  });

  it("are listed and then watched by informers, who hear of each once", async () => {
    const query =
      "watch=true&timeoutSeconds=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    const said = await text(await server.open("GET", `${path}?${query}`));
    const types = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).type);
    assert.deepEqual(
      types.filter((type) => type !== "BOOKMARK"),
      ["ADDED", "ADDED", "ADDED"],
    );
    assert.ok(types.includes("BOOKMARK"));
  });
});
