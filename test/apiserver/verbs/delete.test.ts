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

  it("takes a uid and a resourceVersion from the query too, of one Object and of a selection", async () => {
    const { metadata } = await make("d5", { labels: { five: "yes" } });
    for (const query of ["uid=someone-else", "resourceVersion=1", `uid=${metadata.uid}&resourceVersion=1`]) {
      assert.equal((await server.ask("DELETE", `${processesPath}/d5?${query}`)).code, 409, query);
      const all = await server.ask("DELETE", `${processesPath}?labelSelector=five%3Dyes&${query}`);
      assert.equal(all.code, 409, query);
    }
    const precondition = `uid=${metadata.uid}&resourceVersion=${metadata.resourceVersion}`;
    assert.equal((await server.ask("DELETE", `${processesPath}/d5?${precondition}`)).code, 200);
  });

  it("changes nothing for a rehearsal that is not named", async () => {
    await make("d6");
    const body = processManifest("d6", {}, { labels: { a: "b" } });
    const merge = { "content-type": "application/merge-patch+json" };
    for (const [method, options] of [["DELETE"], ["PUT", { body }], ["PATCH", { body, headers: merge }]] as const) {
      const reply = await server.ask(method, `${processesPath}/d6?dryRun=`, options);
      assert.equal(reply.code, 422, method);
      assert.match(reply.json.message, /dryRun: Unsupported value: "": supported values: "All"$/);
    }
    assert.equal((await server.ask("DELETE", `${processesPath}/d6`, { body: { dryRun: [""] } })).code, 422);
    assert.equal((await server.ask("GET", `${processesPath}/d6`)).json.metadata.labels, undefined);
  });

  it("answers with the ServiceAccount that is gone, as the real server does", async () => {
    const path = "/api/v1/namespaces/default/serviceaccounts";
    const body = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot" } };
    const { metadata } = (await server.ask("POST", path, { body })).json;
    for (const query of ["?dryRun=All", ""]) {
      const { json } = await server.ask("DELETE", `${path}/robot${query}`);
      assert.deepEqual([json.kind, json.metadata.uid], ["ServiceAccount", metadata.uid]);
    }
    assert.equal((await server.ask("GET", `${path}/robot`)).code, 404);
  });

  it("lets an Event go at once, whatever shall become of its dependents", async () => {
    const path = "/api/v1/namespaces/default/events";
    const involvedObject = { namespace: "default", name: "web", kind: "Pod" };
    for (const propagationPolicy of ["Foreground", "Orphan"]) {
      await server.ask("POST", path, {
        body: { apiVersion: "v1", kind: "Event", metadata: { name: "e1" }, involvedObject },
      });
      const { json } = await server.ask("DELETE", `${path}/e1`, { body: { propagationPolicy } });
      assert.deepEqual([json.kind, json.status], ["Status", "Success"]);
    }
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
