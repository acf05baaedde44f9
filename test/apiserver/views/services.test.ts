import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { StoreRegistry } from "../../../apiserver/registry/store-registry.ts";
import { ServicesView } from "../../../apiserver/views/services.ts";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { MemoryStore } from "../../../store/memory-store.ts";
import { TestServer } from "../test-server.ts";

describe("services", () => {
  let server: TestServer;
  let store: MemoryStore;
  before(async () => {
    store = await MemoryStore.open({ logger: silentLogger, clock: systemClock });
    const registry = new StoreRegistry({ store, clock: systemClock, logger: silentLogger });
    registry.install(new ServicesView(store, systemClock));
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
