import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { processesPath, processManifest, TestServer } from "../test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

describe("delete", () => {
  const make = async (name: string, metadata: object = {}) =>
    (await server.ask("POST", processesPath, { body: processManifest(name, {}, metadata) })).json;

  it("answers Success with the uid when the Object is gone", async () => {
    const { metadata } = await make("d1");
    const reply = await server.ask("DELETE", `${processesPath}/d1`, { body: { propagationPolicy: "Background" } });
    assert.equal(reply.code, 200);
    assert.deepEqual(reply.json, {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: "d1", group: "wctl.dev", kind: "processes", uid: metadata.uid },
    });
    assert.equal((await server.ask("DELETE", `${processesPath}/d1`)).code, 404);
  });

  it("answers with the Object while finalizers hold it", async () => {
    await make("d2", { finalizers: ["example.dev/hold"] });
    const reply = await server.ask("DELETE", `${processesPath}/d2`);
    assert.equal(reply.code, 200);
    assert.equal(reply.json.kind, "Process");
    assert.ok(reply.json.metadata.deletionTimestamp);
    const freed = JSON.stringify({ metadata: { finalizers: null } });
    await server.ask("PATCH", `${processesPath}/d2`, {
      headers: { "content-type": "application/merge-patch+json" },
      body: freed,
    });
    assert.equal((await server.ask("GET", `${processesPath}/d2`)).code, 404);
  });

  it("lets no request pass as the agent that may let go of an Instance (P2, P5)", async () => {
    const path = "/apis/wctl.dev/v1/namespaces/default/instances";
    const spec = { command: "/bin/true", nodeName: "here", index: 0, revision: "r1" };
    const body = { apiVersion: "wctl.dev/v1", kind: "Instance", metadata: { name: "held-0" }, spec };
    await server.ask("POST", path, { body });
    assert.equal((await server.ask("DELETE", `${path}/held-0?gracePeriodSeconds=0`)).code, 200);
    const reply = await server.ask("PATCH", `${path}/held-0?fieldManager=wctl-agent&agent=true&as=agent`, {
      body: { metadata: { finalizers: null } },
      headers: { "content-type": "application/merge-patch+json", "user-agent": "wctl-agent" },
    });
    assert.deepEqual([reply.code, reply.json.metadata.finalizers], [200, ["wctl.dev/stop"]]);
    assert.match(String(reply.headers.warning), /only the agent takes it away/);
  });

  it("keeps an Object that is not the one that was meant", async () => {
    await make("d3");
    const reply = await server.ask("DELETE", `${processesPath}/d3`, {
      body: { preconditions: { uid: "someone-else" } },
    });
    assert.equal(reply.code, 409);
    assert.equal((await server.ask("GET", `${processesPath}/d3`)).code, 200);
    assert.equal((await server.ask("DELETE", `${processesPath}/d3?dryRun=All`)).code, 200);
    assert.equal((await server.ask("GET", `${processesPath}/d3`)).code, 200);
  });

  it("refuses options it does not understand", async () => {
    await make("d4");
    for (const body of [
      { propagationPolicy: "Sideways" },
      { gracePeriodSeconds: -1 },
      { gracePeriodSeconds: "soon" },
    ]) {
      const reply = await server.ask("DELETE", `${processesPath}/d4`, { body });
      assert.equal(reply.code, 422, JSON.stringify(body));
      assert.match(reply.json.message, /^DeleteOptions.meta.k8s.io "" is invalid/);
    }
    assert.equal((await server.ask("DELETE", `${processesPath}/d4`, { body: [] })).code, 400);
    assert.equal((await server.ask("DELETE", `${processesPath}/d4`, { body: { kind: "Process" } })).code, 400);
    assert.equal((await server.ask("DELETE", `${processesPath}/d4?propagationPolicy=Foreground`)).json.kind, "Process");
  });

  it("deletes a selection and answers with the list of it", async () => {
    await make("dc1", { labels: { gone: "yes" } });
    await make("dc2", { labels: { gone: "yes" } });
    const reply = await server.ask("DELETE", `${processesPath}?labelSelector=gone%3Dyes`);
    assert.equal(reply.json.kind, "ProcessList");
    assert.equal(reply.json.items.length, 2);
    assert.equal((await server.ask("GET", `${processesPath}?labelSelector=gone%3Dyes`)).json.items.length, 0);
  });
});
