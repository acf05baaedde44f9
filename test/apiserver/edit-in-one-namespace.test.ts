/** An editor of one namespace tries what is not his. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { namespaces, type Resource, roleBindings, secrets } from "../../api/scheme.ts";
import { instance, object, process as processOf } from "./fixtures.ts";
import { processManifest, TestServer } from "./test-server.ts";

let server: TestServer;
const canary = "c4nary-of-the-other";
before(async () => {
  server = await TestServer.start();
  const { registry } = server;
  const put = (resource: unknown, namespace: string | undefined, body: object) =>
    registry.create(resource as Resource, namespace, body, {});
  for (const name of ["own", "other"]) {
    await put(namespaces, undefined, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await put(secrets, name, { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { k: canary } });
  }
  for (const role of ["system:aggregate-to-edit", "system:aggregate-to-view"])
    await put(roleBindings, "own", {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: role },
      subjects: [{ kind: "User", name: "jane" }],
      roleRef: { kind: "ClusterRole", name: role },
    });
  for (const place of ["own", "other"]) {
    const body = { ...instance("web-0"), metadata: { name: "web-0" } };
    assert.equal((await server.ask("POST", `/apis/wctl.dev/v1/namespaces/${place}/instances`, { body })).code, 201);
  }
});
after(() => server.stop());

const jane = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  server.ask(method, path, { as: "jane", headers, ...(body === undefined ? {} : { body }) });
const merge = { "content-type": "application/merge-patch+json" };
const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
const partial = { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" };
const wctl = "/apis/wctl.dev/v1";

describe("an editor of one namespace", () => {
  it("works in it", async () => {
    assert.equal((await jane("GET", "/api/v1/namespaces/own/secrets/s")).code, 200);
    const own = { ...processManifest("mine", { runAs: { account: "Dynamic" } }) };
    assert.equal((await jane("POST", `${wctl}/namespaces/own/processes`, own)).code, 201);
    assert.equal((await jane("GET", "/api/v1/namespaces/own")).code, 200);
    assert.equal((await jane("DELETE", `${wctl}/namespaces/own/instances/web-0`)).code, 200);
  });

  const refused: [
    what: string,
    method: string,
    path: string,
    body?: object | undefined,
    headers?: Record<string, string>,
  ][] = [
    ["another namespace's Secret", "GET", "/api/v1/namespaces/other/secrets/s"],
    ["their list", "GET", "/api/v1/namespaces/other/secrets"],
    ["all Secrets", "GET", "/api/v1/secrets"],
    ["all Secrets of a namespace by field", "GET", "/api/v1/secrets?fieldSelector=metadata.namespace%3Down"],
    ["one by its name everywhere", "GET", "/api/v1/secrets?fieldSelector=metadata.name%3Ds"],
    ["a watch of them", "GET", "/api/v1/secrets?watch=1"],
    ["a watch elsewhere", "GET", "/api/v1/namespaces/other/secrets?watch=1&fieldSelector=metadata.name%3Ds"],
    ["them as a Table", "GET", "/api/v1/namespaces/other/secrets", undefined, table],
    ["them by metadata", "GET", "/api/v1/namespaces/other/secrets", undefined, partial],
    ["a path with tricks", "GET", "/api/v1/namespaces/own/../other/secrets"],
    ["another namespace", "GET", "/api/v1/namespaces/other"],
    ["namespaces", "GET", "/api/v1/namespaces"],
    ["to change his namespace", "PATCH", "/api/v1/namespaces/own", { metadata: { labels: { a: "b" } } }, merge],
    ["to delete it", "DELETE", "/api/v1/namespaces/own"],
    ["the log of another's copy", "GET", `${wctl}/namespaces/other/instances/web-0/log`],
    ["a command beside it", "POST", `${wctl}/namespaces/other/instances/web-0/exec?command=id`],
    ["its deletion", "DELETE", `${wctl}/namespaces/other/instances/web-0`],
    [
      "the status of his own",
      "PATCH",
      `${wctl}/namespaces/own/processes/mine/status`,
      { status: { phase: "Failed" } },
      merge,
    ],
    ["the status of a copy", "PATCH", `${wctl}/namespaces/own/instances/web-0/status`, { status: {} }, merge],
    [
      "the finalizers of a copy",
      "PATCH",
      `${wctl}/namespaces/own/instances/web-0`,
      { metadata: { finalizers: [] } },
      merge,
    ],
    ["a copy of his own making", "POST", `${wctl}/namespaces/own/instances`, instance("x-0", { namespace: "own" })],
    [
      "a role",
      "POST",
      "/apis/rbac.authorization.k8s.io/v1/namespaces/own/roles",
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: { name: "r" } },
    ],
    ["nodes", "GET", "/api/v1/nodes"],
    ["leases", "GET", "/apis/coordination.k8s.io/v1/namespaces/own/leases"],
    ["the history, written", "POST", "/apis/apps/v1/namespaces/own/controllerrevisions", {}],
    ["metrics", "GET", "/metrics"],
    ["a backup", "POST", "/backup"],
    ["a new key", "POST", "/secretkeys/rotate"],
    [
      "root's account",
      "POST",
      `${wctl}/namespaces/own/processes`,
      processManifest("up", { runAs: { account: "root" } }),
    ],
    ["the daemon's own account", "POST", `${wctl}/namespaces/own/processes`, processManifest("up")],
  ];
  for (const [what, method, path, body, headers] of refused)
    it(`does not get: ${what}`, async () => {
      const answer = await jane(method, path, body, headers);
      assert.ok([400, 403].includes(answer.code), `${answer.code} ${answer.text}`);
      if (answer.code === 400) assert.match(path, /\.\./);
      assert.ok(!answer.text.includes(canary) && !answer.text.includes(Buffer.from(canary).toString("base64")));
    });

  it("owns nothing in another namespace: a body for it is refused in his own", async () => {
    const strange = { ...object("ConfigMap", "c"), metadata: { name: "c", namespace: "other" } };
    assert.equal((await jane("POST", "/api/v1/namespaces/own/configmaps", strange)).code, 400);
    assert.equal(
      (await jane("POST", `${wctl}/namespaces/own/processes`, processOf("c", {}, { namespace: "other" }))).code,
      400,
    );
  });
});
