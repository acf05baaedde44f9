import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { events } from "../../../../api/scheme.ts";
import { StoreRegistry } from "../../../../apiserver/registry/store-registry.ts";
import { EventsView } from "../../../../apiserver/views/events/events.ts";
import { systemClock } from "../../../../lib/clock.ts";
import { silentLogger } from "../../../../lib/logger.ts";
import { MemoryStore } from "../../../../store/memory-store.ts";
import { object, openDesk } from "../../fixtures.ts";
import { storageContract } from "../../registry/storage-contract.ts";
import { TestServer } from "../../test-server.ts";

const regarding = { kind: "Process", name: "web", namespace: "default" };

storageContract("events.k8s.io/v1", async () => {
  const { registry, store } = await openDesk();
  await registry.create(events as never, "default", object("Event", "one", { involvedObject: regarding }), {});
  return { storage: new EventsView(registry), close: () => store.close() };
});

describe("events.k8s.io/v1", () => {
  let server: TestServer;
  let store: MemoryStore;
  before(async () => {
    store = await MemoryStore.open({ logger: silentLogger, clock: systemClock });
    const registry = new StoreRegistry({ store, clock: systemClock, logger: silentLogger });
    registry.install(new EventsView(registry));
    await registry.bootstrap();
    server = await TestServer.start({ registry });
  });
  after(async () => {
    await server.stop();
    await store.close();
  });

  const core = "/api/v1/namespaces/default/events";
  const path = "/apis/events.k8s.io/v1/namespaces/default/events";
  const both = async (name: string) => [
    (await server.ask("GET", `${core}/${name}`)).json,
    (await server.ask("GET", `${path}/${name}`)).json,
  ];

  it("is applied under its names, and stored under those of core/v1", async () => {
    const body = { ...object("Event", "applied", { regarding, note: "it began" }), apiVersion: "events.k8s.io/v1" };
    const headers = { "content-type": "application/apply-patch+yaml" };
    const reply = await server.ask("PATCH", `${path}/applied?fieldManager=me`, { headers, body });
    assert.deepEqual([reply.code, reply.json.note], [201, "it began"]);
    assert.equal((await both("applied"))[0].message, "it began");
  });

  it("is the same Object as core/v1 has, in other words", async () => {
    const body = object("Event", "old", {
      involvedObject: regarding,
      message: "it began",
      reason: "Started",
      count: 3,
      source: { component: "c" },
      reportingComponent: "c",
      firstTimestamp: "2030-01-01T00:00:00Z",
      lastTimestamp: "2030-01-01T00:00:01Z",
    });
    await server.ask("POST", core, { body });
    const [old, renamed] = await both("old");
    assert.deepEqual(renamed, {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: old.metadata,
      regarding,
      note: "it began",
      reason: "Started",
      type: "Normal",
      deprecatedCount: 3,
      deprecatedSource: { component: "c" },
      reportingController: "c",
      deprecatedFirstTimestamp: "2030-01-01T00:00:00Z",
      deprecatedLastTimestamp: "2030-01-01T00:00:01Z",
    });
  });

  it("is written, counted on and deleted as clients of it do", async () => {
    const body = {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: "new" },
      eventTime: "2030-01-01T00:00:00.000001Z",
      regarding,
      related: { kind: "Node", name: "here" },
      note: "again",
      reportingController: "c",
      reportingInstance: "i",
      action: "Binding",
    };
    const made = await server.ask("POST", path, { body });
    assert.deepEqual([made.code, made.json.apiVersion, made.json.note], [201, "events.k8s.io/v1", "again"]);
    const series = { count: 2, lastObservedTime: "2030-01-01T00:00:09.000001Z" };
    const patched = await server.ask("PATCH", `${path}/new`, {
      headers: { "content-type": "application/strategic-merge-patch+json" },
      body: JSON.stringify({ series, note: "and again" }),
    });
    assert.deepEqual([patched.code, patched.json.series, patched.json.note], [200, series, "and again"]);
    const [old, renamed] = await both("new");
    assert.deepEqual(
      [old.message, old.involvedObject, old.series, old.related.name],
      ["and again", regarding, series, "here"],
    );
    const put = await server.ask("PUT", `${path}/new`, { body: { ...renamed, note: "put" } });
    assert.deepEqual([put.code, put.json.note], [200, "put"]);
    assert.equal((await server.ask("DELETE", `${path}/new`)).json.status, "Success");
    const [, gone] = await both("new");
    assert.equal(gone.message, 'events.events.k8s.io "new" not found');
  });

  it("is deleted with others, selected by its own names", async () => {
    for (const name of ["first", "second"]) {
      const body = { ...object("Event", name, { regarding: { ...regarding, name } }), apiVersion: "events.k8s.io/v1" };
      assert.equal((await server.ask("POST", path, { body })).code, 201);
    }
    const { code, json } = await server.ask("DELETE", `${path}?fieldSelector=regarding.name%3Dfirst`);
    assert.deepEqual([code, json.kind, json.items.length], [200, "EventList", 1]);
    assert.equal(json.items[0].regarding.name, "first");
    assert.deepEqual([(await both("first"))[0].code, (await both("second"))[0].kind], [404, "Event"]);
  });

  it("does not know the names of core/v1, nor a body of another version", async () => {
    const body = { metadata: { name: "odd" }, regarding, message: "lost" };
    const strict = await server.ask("POST", `${path}?fieldValidation=Strict`, { body });
    assert.deepEqual([strict.code, /unknown field "message"/.test(strict.json.message)], [400, true]);
    const warned = await server.ask("POST", path, { body });
    assert.deepEqual([warned.code, warned.json.note], [201, undefined]);
    assert.match(String(warned.headers.warning), /unknown field \\"message\\"/);
    const other = await server.ask("POST", path, {
      body: { apiVersion: "v1", kind: "Event", metadata: { name: "x" } },
    });
    assert.equal(other.code, 400);
  });

  it("selects by its own names, shows the rows that core/v1 shows, and is watched", async () => {
    const query = "fieldSelector=regarding.name%3Dweb%2Creason%3DStarted";
    const list = await server.ask("GET", `${path}?${query}`);
    assert.deepEqual(
      list.json.items.map((one: { metadata: { name: string } }) => one.metadata.name),
      ["old"],
    );
    assert.equal((await server.ask("GET", `${path}?fieldSelector=involvedObject.name%3Dweb`)).code, 400);
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const [rows, others] = await Promise.all(
      [core, path].map(async (at) => (await server.ask("GET", at, { headers: { accept } })).json.rows),
    );
    const cells = (all: { cells: unknown[] }[]) => all.map((row) => row.cells.slice(1));
    assert.deepEqual(cells(others), cells(rows));
    const watched = await server.ask("GET", `${path}?watch=true&resourceVersion=0&timeoutSeconds=1&${query}`);
    const [first] = watched.text.split("\n").map((line) => JSON.parse(line || "null"));
    assert.deepEqual(
      [first.type, first.object.apiVersion, first.object.note],
      ["ADDED", "events.k8s.io/v1", "it began"],
    );
  });
});
