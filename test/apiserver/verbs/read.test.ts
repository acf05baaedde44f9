import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import type { Stored } from "../../../api/object.ts";
import { failure } from "../failure.ts";
import { processesPath, processManifest, TestServer } from "../test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

describe("get and list", () => {
  before(async () => {
    for (const name of ["l1", "l2", "l3"]) {
      await server.ask("POST", processesPath, { body: processManifest(name, {}, { labels: { set: "list" } }) });
    }
  });

  it("answers NotFound as kubectl expects it", async () => {
    const reply = await server.ask("GET", `${processesPath}/nowhere`);
    const details = { name: "nowhere", group: "wctl.dev", kind: "processes" };
    assert.deepEqual(reply.json, failure(404, "NotFound", 'processes.wctl.dev "nowhere" not found', details));
    const core = await server.ask("GET", "/api/v1/namespaces/default/secrets/nowhere");
    assert.deepEqual(
      core.json,
      failure(404, "NotFound", 'secrets "nowhere" not found', { name: "nowhere", kind: "secrets" }),
    );
  });

  it("answers a typed list with a revision, over all namespaces too", async () => {
    const reply = await server.ask("GET", `${processesPath}?labelSelector=set%3Dlist`);
    assert.equal(reply.json.kind, "ProcessList");
    assert.equal(reply.json.apiVersion, "wctl.dev/v1");
    assert.match(reply.json.metadata.resourceVersion, /^\d+$/);
    assert.deepEqual(
      reply.json.items.map((item: { metadata: { name: string } }) => item.metadata.name),
      ["l1", "l2", "l3"],
    );
    const everywhere = await server.ask("GET", "/apis/wctl.dev/v1/processes?labelSelector=set%3Dlist");
    assert.equal(everywhere.json.items.length, 3);
  });

  it("pages with limit and continue", async () => {
    const names: string[] = [];
    let token = "";
    for (let page = 0; page < 10; page++) {
      const reply = await server.ask(
        "GET",
        `${processesPath}?limit=2&labelSelector=set%3Dlist${token && `&continue=${token}`}`,
      );
      names.push(...reply.json.items.map((item: { metadata: { name: string } }) => item.metadata.name));
      token = encodeURIComponent(reply.json.metadata.continue ?? "");
      if (!token) break;
    }
    assert.deepEqual(names, ["l1", "l2", "l3"]);
  });

  it("whose revision was forgotten is told so with a token that goes on all the same", async () => {
    const all = `${processesPath}?limit=2&labelSelector=set%3Dlist`;
    const { json: first } = await server.ask("GET", all);
    server.store.compact(server.store.revision);
    await server.ask("POST", processesPath, { body: processManifest("l-later", {}) });
    server.store.compact(server.store.revision);
    const late = await server.ask("GET", `${all}&continue=${encodeURIComponent(first.metadata.continue)}`);
    assert.deepEqual([late.code, late.json.reason], [410, "Expired"]);
    const rest = await server.ask("GET", `${all}&continue=${encodeURIComponent(late.json.metadata.continue)}`);
    assert.deepEqual(
      rest.json.items.map((item: { metadata: { name: string } }) => item.metadata.name),
      ["l3"],
    );
    await server.ask("DELETE", `${processesPath}/l-later`);
  });

  const refused: [string, number, string, RegExp][] = [
    ["limit=many", 400, "BadRequest", /^strconv.ParseInt: parsing "many": invalid syntax$/],
    ["limit=", 400, "BadRequest", /^strconv.ParseInt: parsing "": invalid syntax$/],
    ["timeoutSeconds=x", 400, "BadRequest", /^strconv.ParseInt: parsing "x": invalid syntax$/],
    ["continue=nonsense", 400, "BadRequest", /continue/],
    ["fieldSelector=spec.replicas%3D1", 400, "BadRequest", /^field label not supported: spec.replicas \(supported: /],
    ["labelSelector=%21%21", 400, "BadRequest", /./],
    ["resourceVersion=abc", 400, "BadRequest", /resourceVersion/],
    ["resourceVersion=99999999", 504, "Timeout", /Too large resource version: 99999999, current: \d+/],
    [
      "resourceVersionMatch=Exact",
      422,
      "Invalid",
      /ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden/,
    ],
    [
      "resourceVersionMatch=Some&resourceVersion=1",
      422,
      "Invalid",
      /Unsupported value: "Some": supported values: "Exact", "NotOlderThan", ""/,
    ],
    [
      "resourceVersionMatch=Exact&resourceVersion=0",
      422,
      "Invalid",
      /resourceVersionMatch "exact" is forbidden for resourceVersion "0"/,
    ],
    ["resourceVersionMatch=Exact&resourceVersion=99999999", 504, "Timeout", /Too large resource version: 99999999/],
    [
      "resourceVersionMatch=NotOlderThan&resourceVersion=1&continue=x",
      422,
      "Invalid",
      /resourceVersionMatch is forbidden when continue is provided/,
    ],
    ["sendInitialEvents=true", 422, "Invalid", /sendInitialEvents is forbidden for list/],
  ];
  for (const [query, code, reason, message] of refused) {
    it(`refuses a list with ${query}`, async () => {
      const { json } = await server.ask("GET", `${processesPath}?${query}`);
      assert.equal(json.code, code);
      assert.equal(json.reason, reason);
      assert.match(json.message, message);
    });
  }

  it("takes revisions it has, and says when to come back for one it has not", async () => {
    const known = await server.ask("GET", processesPath);
    const revision = known.json.metadata.resourceVersion;
    for (const query of [
      "resourceVersion=0",
      `resourceVersion=${revision}`,
      `resourceVersion=1&resourceVersionMatch=NotOlderThan`,
    ]) {
      assert.equal((await server.ask("GET", `${processesPath}?${query}`)).code, 200, query);
    }
    const future = await server.ask("GET", `${processesPath}/l1?resourceVersion=99999999`);
    assert.equal(future.code, 504);
    assert.equal(future.json.details.causes[0].reason, "ResourceVersionTooLarge");
    assert.equal(future.headers["retry-after"], "1");
  });

  it("shows an exact revision as it was, also in pages without a match; and says so when it was forgotten", async () => {
    const namesAt = async (query: string): Promise<string[]> => {
      const { code, json } = await server.ask("GET", `${processesPath}?labelSelector=set%3Dexact&${query}`);
      assert.equal(code, 200, json.message);
      return [json.metadata.resourceVersion, ...json.items.map((item: Stored) => item.metadata.name)];
    };
    const revisions: string[] = [];
    for (const name of ["e1", "e2"]) {
      const made = await server.ask("POST", processesPath, {
        body: processManifest(name, {}, { labels: { set: "exact" } }),
      });
      revisions.push(made.json.metadata.resourceVersion);
    }
    const [first = "", second = ""] = revisions;
    await server.ask("DELETE", `${processesPath}/e1`);
    assert.deepEqual(await namesAt(`resourceVersion=${first}&resourceVersionMatch=Exact`), [first, "e1"]);
    assert.deepEqual(await namesAt(`resourceVersion=${second}&resourceVersionMatch=Exact`), [second, "e1", "e2"]);
    assert.deepEqual(await namesAt(`resourceVersion=${second}&limit=1`), [second, "e1"]);
    assert.equal((await namesAt(`resourceVersion=${second}`)).at(1), "e2", "as good as it gets");
    assert.equal((await namesAt("resourceVersion=0&limit=500")).at(1), "e2");
    server.store.compact(server.store.revision);
    const old = await server.ask("GET", `${processesPath}?resourceVersion=${first}&resourceVersionMatch=Exact`);
    assert.deepEqual(
      [old.code, old.json.reason, old.json.message],
      [410, "Expired", "The resourceVersion for the provided list is too old."],
    );
    await server.ask("DELETE", `${processesPath}/e2`);
  });

  it("writes for people when asked, and for what they type by hand", async () => {
    const pretty = await server.ask("GET", `${processesPath}/l1?pretty=true`);
    assert.match(pretty.text, /^\{\n {2}"/);
    const curl = await server.ask("GET", `${processesPath}/l1`, { headers: { "user-agent": "curl/8.0" } });
    assert.equal(curl.text, pretty.text);
    assert.equal((await server.ask("GET", `${processesPath}/l1`)).text.split("\n").length, 2);
  });

  it("negotiates: YAML is served, protobuf alone is not", async () => {
    const yaml = await server.ask("GET", `${processesPath}/l1`, { headers: { accept: "application/yaml" } });
    assert.equal(yaml.headers["content-type"], "application/yaml");
    assert.match(yaml.text, /^apiVersion: wctl.dev\/v1\nkind: Process\nmetadata:\n/);
    const protobuf = await server.ask("GET", processesPath, {
      headers: { accept: "application/vnd.kubernetes.protobuf" },
    });
    assert.equal(protobuf.code, 406);
    assert.equal(protobuf.json.reason, "NotAcceptable");
    const either = { accept: "application/vnd.kubernetes.protobuf,application/json" };
    assert.equal((await server.ask("GET", processesPath, { headers: either })).code, 200);
  });

  it("compresses large bodies for who takes them", async () => {
    const data = { big: "x".repeat(200_000) };
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "big" }, data };
    assert.equal((await server.ask("POST", "/api/v1/namespaces/default/configmaps", { body })).code, 201);
    const path = "/api/v1/namespaces/default/configmaps/big";
    const plain = await server.ask("GET", path);
    assert.equal(plain.headers["content-encoding"], undefined);
    const small = await server.ask("GET", path, { headers: { "accept-encoding": "gzip" } });
    assert.equal(small.headers["content-encoding"], "gzip");
    assert.equal(small.headers.vary, "Accept-Encoding");
    assert.deepEqual(JSON.parse(gunzipSync(small.bytes).toString()), plain.json);
    assert.ok(small.bytes.length < 10_000);
  });
});

describe("methods and paths that are not served", () => {
  const cases: [string, string, number, string][] = [
    ["POST", `${processesPath}/web`, 405, "MethodNotAllowed"],
    ["PUT", processesPath, 405, "MethodNotAllowed"],
    ["PATCH", processesPath, 405, "MethodNotAllowed"],
    ["POST", "/apis/wctl.dev/v1/processes", 405, "MethodNotAllowed"],
    ["DELETE", "/apis/wctl.dev/v1/processes", 405, "MethodNotAllowed"],
    ["DELETE", `${processesPath}/web/status`, 405, "MethodNotAllowed"],
    ["OPTIONS", processesPath, 405, "MethodNotAllowed"],
    ["POST", "/version", 405, "MethodNotAllowed"],
    ["GET", "/apis/wctl.dev/v1/namespaces/default/widgets", 404, "NotFound"],
    ["GET", "/apis/other.dev/v1/namespaces/default/widgets", 404, "NotFound"],
    ["GET", `${processesPath}/web/exec`, 404, "NotFound"],
    ["GET", `${processesPath}/web/log`, 404, "NotFound"],
    ["GET", "/apis/wctl.dev/v1/processes/web", 404, "NotFound"],
    ["GET", "/api/v1/namespaces/default/nodes", 404, "NotFound"],
    ["GET", "/api/v1/namespaces/default/secrets/x/scale", 404, "NotFound"],
    ["GET", "/elsewhere", 404, "NotFound"],
  ];
  for (const [method, path, code, reason] of cases) {
    it(`${method} ${path} is ${code}`, async () => {
      const reply = await server.ask(method, path);
      assert.equal(reply.code, code);
      assert.equal(reply.json.reason, reason);
      assert.equal(reply.json.kind, "Status");
    });
  }
});
