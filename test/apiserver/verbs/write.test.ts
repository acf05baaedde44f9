import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { failure } from "../failure.ts";
import { processesPath, processManifest, TestServer } from "../test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

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
        'fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"]',
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

  it("writes Kubernetes' own kinds over whatever is there without a revision, but for Leases", async () => {
    const inDefault = "namespaces/default";
    const kinds = [
      ["/api/v1", "v1", "ConfigMap", "configmaps", {}, 200],
      ["/apis/rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io/v1", "Role", "roles", { rules: [] }, 200],
      ["/apis/coordination.k8s.io/v1", "coordination.k8s.io/v1", "Lease", "leases", { spec: {} }, 422],
    ] as const;
    for (const [path, apiVersion, kind, plural, fields, code] of kinds) {
      const folder = `${path}/${inDefault}/${plural}`;
      const body = { apiVersion, kind, metadata: { name: "blind" }, ...fields };
      assert.equal((await server.ask("POST", folder, { body })).code, 201, kind);
      const labelled = { ...body, metadata: { name: "blind", labels: { again: "yes" } } };
      const { code: answered, json } = await server.ask("PUT", `${folder}/blind`, { body: labelled });
      assert.equal(answered, code, `${kind}: ${json.message}`);
    }
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

  for (const type of ["application/strategic-merge-patch+json", "application/json", "text/plain"]) {
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

  it("applies, and creates with 201 what is missing; who applies says his name", async () => {
    const apply = (query: string, body: string) =>
      server.ask("PATCH", `${processesPath}/applied${query}`, {
        headers: { "content-type": "application/apply-patch+yaml" },
        body,
      });
    const yaml = "apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: applied}\nspec: {command: /bin/true}\n";
    const nameless = await apply("", yaml);
    assert.deepEqual(
      [nameless.code, nameless.json.reason, nameless.json.message],
      [
        422,
        "Invalid",
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      ],
    );
    assert.equal((await apply("?fieldManager=me", yaml)).code, 201);
    const again = await apply("?fieldManager=me", JSON.stringify(processManifest("applied", { replicas: 2 })));
    assert.deepEqual([again.code, again.json.spec.replicas], [200, 2]);
    const conflict = await apply("?fieldManager=you", JSON.stringify(processManifest("applied", { replicas: 3 })));
    const field = { reason: "FieldManagerConflict", message: 'conflict with "me"', field: ".spec.replicas" };
    assert.deepEqual([conflict.code, conflict.json.details.causes], [409, [field]]);
    const forced = await apply(
      "?fieldManager=you&force=true",
      JSON.stringify(processManifest("applied", { replicas: 3 })),
    );
    assert.equal(forced.json.spec.replicas, 3);
    for (const bad of ["- a\n", "{", "a: 1\na: 2\n", "", "null"]) {
      assert.equal((await apply("?fieldManager=me", bad)).code, 400, bad);
    }
  });

  it("takes force for an apply only", async () => {
    const forced = await patch("application/merge-patch+json", {}, `${processesPath}/u1?force=true`);
    assert.equal(forced.code, 422);
    assert.match(forced.json.message, /force: Forbidden: may not be specified for non-apply patch$/);
  });

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

describe("an apply by who may patch and not create", () => {
  let limited: TestServer;
  before(async () => {
    limited = await TestServer.start({
      authorizer: { allows: (_user, { verb }) => verb !== "create", rulesOf: () => [] },
    });
  });
  after(() => limited.stop());

  it("changes what is there and creates nothing", async () => {
    const namespace = "/api/v1/namespaces/default";
    const apply = (path: string, body: object) =>
      limited.ask("PATCH", `${path}?fieldManager=me`, {
        headers: { "content-type": "application/apply-patch+yaml" },
        body,
      });
    const refused = await apply(`${processesPath}/new`, processManifest("new"));
    assert.deepEqual([refused.code, refused.json.reason], [403, "Forbidden"]);
    assert.match(
      refused.json.message,
      /^processes\.wctl\.dev "new" is forbidden: User ".+" cannot create resource "processes"/,
    );
    const metadata = { name: "default", labels: { a: "b" } };
    assert.equal((await apply(namespace, { apiVersion: "v1", kind: "Namespace", metadata })).code, 200);
  });
});
