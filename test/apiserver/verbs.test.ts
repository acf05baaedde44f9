import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { processesPath, processManifest, TestServer } from "./test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

const failure = (code: number, reason: string, message: string, details?: object) => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message,
  reason,
  ...(details ? { details } : {}),
  code,
});

describe("create", () => {
  it("answers 201 with the stored Object, an Audit-Id and no caching", async () => {
    const reply = await server.ask("POST", processesPath, { body: processManifest("made") });
    assert.equal(reply.code, 201);
    assert.equal(reply.json.metadata.name, "made");
    assert.equal(reply.json.metadata.namespace, "default");
    assert.match(reply.json.metadata.resourceVersion, /^\d+$/);
    assert.match(String(reply.headers["audit-id"]), /^[0-9a-f-]{36}$/);
    assert.equal(reply.headers["cache-control"], "no-cache, private");
  });

  it("answers AlreadyExists for the second of a name", async () => {
    await server.ask("POST", processesPath, { body: processManifest("twice") });
    const reply = await server.ask("POST", processesPath, { body: processManifest("twice") });
    assert.equal(reply.code, 409);
    const details = { name: "twice", group: "wctl.dev", kind: "processes" };
    assert.deepEqual(reply.json, failure(409, "AlreadyExists", 'processes.wctl.dev "twice" already exists', details));
  });

  it("reads YAML by the same rules", async () => {
    const yaml = (body: string) =>
      server.ask("POST", processesPath, { body, headers: { "content-type": "application/yaml" } });
    const good = "apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: from-yaml}\nspec: {command: /bin/true}\n";
    assert.equal((await yaml(good)).json.metadata.name, "from-yaml");
    for (const bad of [
      "a: 1\na: 2\n",
      "__proto__: {a: 1}\n",
      `${good}---\n${good}`,
      "- a\n",
      "a: [1\n",
      "a: &x [*x]\n",
      "",
    ]) {
      const reply = await yaml(bad);
      assert.deepEqual([reply.code, reply.json.reason], [400, "BadRequest"], bad);
    }
    const large = `${good.replace("from-yaml", "from-large-yaml")}# ${"x".repeat(300_000)}`;
    assert.equal((await yaml(large)).json.metadata.name, "from-large-yaml");
    assert.equal((await yaml(`${good}# ${"x".repeat(3 * 1024 * 1024)}`)).code, 413);
  });

  it("keeps nothing of a dry run", async () => {
    const reply = await server.ask("POST", `${processesPath}?dryRun=All`, { body: processManifest("dry") });
    assert.equal(reply.code, 201);
    assert.equal((await server.ask("GET", `${processesPath}/dry`)).code, 404);
  });

  it("refuses another dryRun, and an unknown fieldValidation, in one 422", async () => {
    const reply = await server.ask("POST", `${processesPath}?dryRun=Some&fieldValidation=Maybe`, {
      body: processManifest("x"),
    });
    assert.equal(reply.code, 422);
    assert.equal(
      reply.json.message,
      'CreateOptions.meta.k8s.io "" is invalid: [dryRun: Unsupported value: "Some": supported values: "All", ' +
        'fieldValidation: Unsupported value: "Maybe": supported values: "Ignore", "Strict", "Warn"]',
    );
  });

  it("warns of an unknown field, and refuses it when asked to be strict", async () => {
    const body = processManifest("warned", { bogus: 1 });
    const warned = await server.ask("POST", `${processesPath}?fieldValidation=Warn`, { body });
    assert.equal(warned.code, 201);
    assert.match(String(warned.headers.warning), /^299 - "unknown field \\"spec.bogus\\"/);
    const strict = await server.ask("POST", `${processesPath}?fieldValidation=Strict`, { body });
    assert.equal(strict.code, 400);
    assert.equal(strict.json.reason, "BadRequest");
    assert.match(strict.json.message, /strict decoding error: unknown field "spec.bogus"/);
  });

  it("names the field of what is invalid", async () => {
    const reply = await server.ask("POST", processesPath, { body: processManifest("bad", { replicas: -1 }) });
    assert.equal(reply.code, 422);
    assert.equal(reply.json.details.kind, "Process");
    assert.equal(reply.json.details.causes[0].field, "spec.replicas");
  });
});

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
    ["limit=many", 400, "BadRequest", /limit.*not an integer/],
    ["limit=-1", 400, "BadRequest", /negative/],
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
    ["resourceVersionMatch=Some&resourceVersion=1", 422, "Invalid", /Unsupported value: "Some"/],
    ["resourceVersionMatch=Exact&resourceVersion=1", 410, "Expired", /too old/],
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

describe("update and patch", () => {
  before(async () => {
    await server.ask("POST", processesPath, { body: processManifest("u1", { replicas: 1 }) });
  });

  it("replaces what was read, and nothing that changed since", async () => {
    const { json: read } = await server.ask("GET", `${processesPath}/u1`);
    const changed = { ...read, spec: { ...read.spec, replicas: 2 } };
    const first = await server.ask("PUT", `${processesPath}/u1`, { body: changed });
    assert.equal(first.code, 200);
    assert.equal(first.json.metadata.generation, read.metadata.generation + 1);
    const second = await server.ask("PUT", `${processesPath}/u1`, { body: changed });
    const message =
      'Operation cannot be fulfilled on processes.wctl.dev "u1": the object has been modified; please apply your changes to the latest version and try again';
    assert.deepEqual(
      second.json,
      failure(409, "Conflict", message, { name: "u1", group: "wctl.dev", kind: "processes" }),
    );
  });

  it("wants the revision that was read, and the name of the URL", async () => {
    const { json: read } = await server.ask("GET", `${processesPath}/u1`);
    const { resourceVersion: _, ...metadata } = read.metadata;
    const blind = await server.ask("PUT", `${processesPath}/u1`, { body: { ...read, metadata } });
    assert.equal(blind.code, 422);
    assert.match(blind.json.message, /metadata.resourceVersion: Invalid value: 0: must be specified for an update/);
    const other = await server.ask("PUT", `${processesPath}/u1`, {
      body: { ...read, metadata: { ...read.metadata, name: "u2" } },
    });
    assert.equal(other.code, 400);
    assert.match(other.json.message, /the name of the object \(u2\) does not match the name on the URL \(u1\)/);
    const nowhere = await server.ask("PUT", `${processesPath}/nobody`, { body: read });
    assert.equal(nowhere.code, 400);
    assert.match(nowhere.json.message, /the name of the object \(u1\) does not match the name on the URL \(nobody\)/);
  });

  const patch = (type: string, body: unknown, path = `${processesPath}/u1`) =>
    server.ask("PATCH", path, { headers: { "content-type": type }, body: JSON.stringify(body) });

  it("merges, and applies JSON patches", async () => {
    const merged = await patch("application/merge-patch+json", { spec: { replicas: 4 } });
    assert.equal(merged.json.spec.replicas, 4);
    const patched = await patch("application/json-patch+json; charset=utf-8", [
      { op: "replace", path: "/spec/replicas", value: 5 },
    ]);
    assert.equal(patched.json.spec.replicas, 5);
    const failed = await patch("application/json-patch+json", [{ op: "test", path: "/spec/replicas", value: 99 }]);
    assert.equal(failed.code, 422);
    assert.equal(failed.json.reason, "Invalid");
  });

  for (const type of [
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
    "application/json",
    "text/plain",
  ]) {
    it(`refuses a patch of ${type} and lists what is accepted`, async () => {
      const reply = await patch(type, {});
      assert.equal(reply.code, 415);
      assert.equal(reply.json.reason, "UnsupportedMediaType");
      assert.match(
        reply.json.message,
        /accepted media types include: application\/json-patch\+json, application\/merge-patch\+json/,
      );
    });
  }

  it("writes status through its own door only", async () => {
    const ignored = await patch("application/merge-patch+json", { status: { replicas: 7 } });
    assert.equal(ignored.json.status?.replicas, undefined);
    const written = await patch(
      "application/merge-patch+json",
      { status: { replicas: 7 } },
      `${processesPath}/u1/status`,
    );
    assert.equal(written.json.status.replicas, 7);
    assert.equal((await server.ask("GET", `${processesPath}/u1/status`)).json.status.replicas, 7);
  });

  it("shows and changes the scale", async () => {
    const scaled = await patch("application/merge-patch+json", { spec: { replicas: 6 } }, `${processesPath}/u1/scale`);
    assert.equal(scaled.json.kind, "Scale");
    assert.equal(scaled.json.spec.replicas, 6);
    const { json: scale } = await server.ask("GET", `${processesPath}/u1/scale`);
    assert.equal(scale.apiVersion, "autoscaling/v1");
    const put = await server.ask("PUT", `${processesPath}/u1/scale`, { body: { ...scale, spec: { replicas: 3 } } });
    assert.equal(put.json.spec.replicas, 3);
    assert.equal((await server.ask("GET", `${processesPath}/u1`)).json.spec.replicas, 3);
  });
});

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
