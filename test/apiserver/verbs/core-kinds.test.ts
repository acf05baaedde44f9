import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { enveloped } from "../protobuf/written.ts";
import { processesPath, processManifest, TestServer } from "../test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

const core = "/api/v1/namespaces/default";
const protobuf = {
  "content-type": "application/vnd.kubernetes.protobuf",
  accept: "application/vnd.kubernetes.protobuf,application/json",
};
const strategic = (path: string, body: unknown) =>
  server.ask("PATCH", path, {
    headers: { "content-type": "application/strategic-merge-patch+json" },
    body: JSON.stringify(body),
  });

describe("a DELETE without a name", () => {
  it("takes no Namespaces, as in Kubernetes, also where a name was left out of a path", async () => {
    const scope = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kept" } };
    assert.equal((await server.ask("POST", "/api/v1/namespaces", { body: scope })).code, 201);
    for (const path of ["/api/v1/namespaces", "/api/v1/namespaces/", "/api/v1/namespaces?labelSelector=a"]) {
      const { code, json } = await server.ask("DELETE", path);
      assert.deepEqual([code, json.reason], [405, "MethodNotAllowed"]);
    }
    const { json } = await server.ask("GET", "/api/v1/namespaces/kept");
    assert.equal(json.metadata.deletionTimestamp, undefined);
    const { resources } = (await server.ask("GET", "/api/v1")).json;
    const { verbs } = resources.find((one: { name: string }) => one.name === "namespaces");
    assert.deepEqual(verbs, ["delete", "get", "list", "patch", "create", "update", "watch"]);
  });
});

describe("protobuf bodies", () => {
  it("create and replace, and the answer is JSON", async () => {
    const body = enveloped("v1", "Secret", [
      [1, [[1, "made"]]],
      [
        2,
        [
          [1, "k"],
          [2, "v"],
        ],
      ],
    ]);
    const made = await server.ask("POST", `${core}/secrets?fieldManager=kubectl-create`, { headers: protobuf, body });
    assert.equal(made.code, 201, made.text);
    assert.equal(made.headers["content-type"], "application/json");
    assert.deepEqual([made.json.data, made.json.type], [{ k: "dg==" }, "Opaque"]);
    const next = enveloped("v1", "Secret", [
      [1, [[1, "made"]]],
      [
        4,
        [
          [1, "k"],
          [2, "w"],
        ],
      ],
    ]);
    const replaced = await server.ask("PUT", `${core}/secrets/made`, { headers: protobuf, body: next });
    assert.deepEqual([replaced.code, replaced.json.data], [200, { k: "dw==" }]);
  });

  it("say how to delete, of every kind", async () => {
    await server.ask("POST", processesPath, { body: processManifest("held") });
    const body = enveloped("v1", "DeleteOptions", [[2, [[1, "another"]]]]);
    const refused = await server.ask("DELETE", `${processesPath}/held`, { headers: protobuf, body });
    assert.equal(refused.code, 409);
  });

  it("are refused with 400 when they are none, and with 415 for custom kinds, with the types that are taken", async () => {
    const none = await server.ask("POST", `${core}/configmaps`, { headers: protobuf, body: "hunter2" });
    assert.deepEqual([none.code, none.json.reason], [400, "BadRequest"]);
    assert.doesNotMatch(none.text, /hunter2/);
    const body = enveloped("wctl.dev/v1", "Process", []);
    const custom = await server.ask("POST", processesPath, { headers: protobuf, body });
    assert.deepEqual([custom.code, custom.json.reason], [415, "UnsupportedMediaType"]);
    assert.match(custom.json.message, /accepted media types include: application\/json, application\/yaml$/);
    const odd = await server.ask("POST", `${core}/configmaps`, {
      headers: { "content-type": "text/plain" },
      body: "x",
    });
    assert.match(odd.json.message, /application\/json, application\/yaml, application\/vnd.kubernetes.protobuf$/);
  });
});

describe("strategic merge patches", () => {
  it("change what is there, item by item, and nothing when they change nothing", async () => {
    const map = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "cm", finalizers: ["a.b/c"] },
      data: { a: "1" },
    };
    await server.ask("POST", `${core}/configmaps`, { body: map });
    const patch = { metadata: { finalizers: ["d.e/f"], labels: { x: "y" } }, data: { b: "2" } };
    const { json: first } = await strategic(`${core}/configmaps/cm`, patch);
    assert.deepEqual([first.data, first.metadata.finalizers], [{ a: "1", b: "2" }, ["d.e/f", "a.b/c"]]);
    const { json: second } = await strategic(`${core}/configmaps/cm`, patch);
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  });

  it("write the stringData of a Secret, twice, and never say it in a refusal", async () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { p: "hunter2" } };
    const { json: made } = await server.ask("POST", `${core}/secrets`, { body: secret });
    const again = await strategic(`${core}/secrets/s`, { stringData: { p: "hunter2" } });
    assert.deepEqual([again.code, again.json.data], [200, made.data]);
    assert.equal(again.json.metadata.resourceVersion, made.metadata.resourceVersion);
    for (const bad of [
      { stringData: { p: ["hunter2"] } },
      { stringData: "hunter2" },
      { stringData: { "bad key": "hunter2" } },
      { type: "other", stringData: { p: "hunter2" } },
      { stringData: { $patch: "hunter2", p: "hunter2" }, metadata: { name: "t" } },
      { metadata: { name: "t" }, stringData: { p: "hunter2" } },
    ]) {
      const refused = await strategic(`${core}/secrets/s?fieldValidation=Strict`, bad);
      assert.ok([400, 422].includes(refused.code), refused.text);
      assert.doesNotMatch(refused.text, /hunter2|aHVudGVyMg/);
    }
  });

  it("cordon and taint a node", async () => {
    await server.ask("POST", "/api/v1/nodes", { body: { apiVersion: "v1", kind: "Node", metadata: { name: "n" } } });
    const cordoned = await strategic("/api/v1/nodes/n", { spec: { unschedulable: true } });
    assert.equal(cordoned.json.spec.unschedulable, true);
    const taints = [{ key: "k", value: "v", effect: "NoSchedule" }];
    assert.deepEqual((await strategic("/api/v1/nodes/n", { spec: { taints } })).json.spec.taints, taints);
    const status = {
      conditions: [
        { type: "Odd", status: "True", reason: "R", message: "m", lastTransitionTime: "2030-01-01T00:00:00Z" },
      ],
    };
    assert.equal((await strategic("/api/v1/nodes/n/status", { status })).json.status.conditions[0].type, "Odd");
  });

  it("are refused for custom kinds with 415, before they are read", async () => {
    const reply = await strategic(`${processesPath}/whatever`, "not even a patch");
    assert.equal(reply.code, 415);
    assert.doesNotMatch(reply.json.message, /strategic/);
  });
});

describe("namespaces/NAME/finalize", () => {
  const made = async (name: string) => {
    await server.ask("POST", "/api/v1/namespaces", { body: { metadata: { name } } });
    return `/api/v1/namespaces/${name}`;
  };
  const finalize = (path: string, spec: object, metadata: object = {}) =>
    server.ask("PUT", `${path}/finalize`, {
      body: { apiVersion: "v1", kind: "Namespace", metadata: { name: path.split("/").at(-1), ...metadata }, spec },
    });

  it("lets go of a Namespace that is being deleted and empty, and of no other", async () => {
    const path = await made("going");
    assert.deepEqual((await finalize(path, {})).json.spec.finalizers, ["kubernetes"], "it is not being deleted");
    await server.ask("DELETE", path);
    const kept = await finalize(path, { finalizers: ["kubernetes", "a.b/added"] });
    assert.deepEqual([kept.code, kept.json.spec.finalizers], [200, ["kubernetes"]]);
    assert.equal((await finalize(path, {}, { resourceVersion: "1" })).code, 409);
    assert.equal((await finalize(path, { finalizers: [] })).code, 200);
    assert.equal((await server.ask("GET", path)).code, 404);
  });

  it("does not let go of one that is full", async () => {
    const path = await made("full");
    await server.ask("POST", `${path}/configmaps`, { body: { metadata: { name: "inside" } } });
    await server.ask("DELETE", path);
    const refused = await finalize(path, { finalizers: [] });
    assert.deepEqual([refused.code, /it still has configmaps/.test(refused.json.message)], [409, true]);
  });
});
