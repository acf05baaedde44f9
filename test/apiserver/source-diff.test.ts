import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { DiffOptions, SourceChange } from "../../api/git/source-diff.ts";
import { HttpClient } from "../../api/http/http-client.ts";
import type { Stored } from "../../api/object.ts";
import { configMaps, type Resource, secrets } from "../../api/scheme.ts";
import type { DiffSource } from "../../apiserver/registry/diff-source.ts";
import { eventually } from "../eventually.ts";
import { TestServer } from "./test-server.ts";

const path = "/apis/wctl.dev/v1/namespaces/default/gitsources";
const roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
const commit = "a".repeat(40);

const configured = (resource: unknown, name: string): SourceChange => {
  const { kind } = resource as Resource;
  const one = (value: string) =>
    ({ apiVersion: "v1", kind, metadata: { name, namespace: "default" }, data: { value } }) as unknown as Stored;
  const where = { namespace: "default", name, file: "a.yaml", line: 1 };
  return { action: "Configure", resource: resource as Resource, ...where, before: one("b2xk"), after: one("bmV3") };
};

describe("GET gitsources/NAME/diff", () => {
  let server: TestServer;
  let answer: DiffSource["diffOf"];
  let asked: { name: string; options: DiffOptions; signal: AbortSignal }[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: as it is written
  const audited: any[] = [];
  const mayJane = async (...rules: object[]): Promise<void> => {
    const body = { metadata: { name: "jane" }, rules };
    const { code } = await server.ask("PUT", `${roles}/roles/jane`, { body });
    assert.ok(code < 300, String(code));
  };
  const rule = (group: string, resource: string, verb: string) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [verb],
  });
  const mayDiff = rule("wctl.dev", "gitsources/diff", "get");
  before(async () => {
    server = await TestServer.start({
      diffs: {
        diffOf(source, options, signal) {
          asked.push({ name: source.metadata.name, options, signal });
          return answer(source, options, signal);
        },
      },
      audit: { record: async (event) => void audited.push(event) },
    });
    const spec = { url: "https://git.example.com/fleet.git" };
    const source = { apiVersion: "wctl.dev/v1", kind: "GitSource", metadata: { name: "fleet" }, spec };
    assert.equal((await server.ask("POST", path, { body: source })).code, 201);
    await server.ask("POST", `${roles}/roles`, { body: { metadata: { name: "jane" }, rules: [] } });
    const binding = {
      metadata: { name: "jane" },
      subjects: [{ kind: "User", name: "jane" }],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "jane" },
    };
    assert.equal((await server.ask("POST", `${roles}/rolebindings`, { body: binding })).code, 201);
  });
  beforeEach(() => {
    asked = [];
    answer = async () => ({
      revision: "main@sha1:1",
      changes: [configured(configMaps, "settings"), configured(secrets, "keys")],
      findings: [{ reason: "PruneRefused", message: "5 of 7" }],
    });
  });
  after(() => server.stop());

  it("answers with what would change, and masks Secrets even for who may do everything", async () => {
    const { code, json, text } = await server.ask("GET", `${path}/fleet/diff`);
    assert.deepEqual([code, json.apiVersion, json.kind], [200, "wctl.dev/v1", "GitSourceDiff"]);
    assert.deepEqual(json.metadata, { name: "fleet", namespace: "default" });
    assert.deepEqual([json.status.revision, json.status.findings[0].message], ["main@sha1:1", "5 of 7"]);
    const [settings, keys] = json.status.changes;
    assert.deepEqual([settings.before.data, settings.after.data], [{ value: "b2xk" }, { value: "bmV3" }]);
    assert.deepEqual([keys.before.data, keys.after.data], [{ value: "*** (before)" }, { value: "*** (after)" }]);
    assert.equal(text.split("bmV3").length, 2);
    assert.deepEqual(
      asked.map(({ name, options }) => [name, options]),
      [["fleet", {}]],
    );
  });

  it("is its own right, and shows only what the asker may get", async () => {
    await mayJane(rule("wctl.dev", "gitsources", "get"));
    assert.equal((await server.ask("GET", `${path}/fleet/diff`, { as: "jane" })).code, 403);
    assert.equal(asked.length, 0);
    await mayJane(mayDiff, rule("", "configmaps", "get"));
    const { code, json } = await server.ask("GET", `${path}/fleet/diff`, { as: "jane" });
    assert.equal(code, 200);
    assert.deepEqual(
      json.status.changes.map(({ name }: { name: string }) => name),
      ["settings"],
    );
    assert.deepEqual(
      json.status.notCompared.map(({ name }: { name: string }) => name),
      ["keys"],
    );
  });

  it("looks at another commit only for who may read the Secret that it is fetched with", async () => {
    const spec = { url: "https://git.example.com/fleet.git", secretRef: { name: "auth" } };
    const source = { apiVersion: "wctl.dev/v1", kind: "GitSource", metadata: { name: "private" }, spec };
    assert.equal((await server.ask("POST", path, { body: source })).code, 201);
    const look = (query: string) => server.ask("GET", `${path}/private/diff${query}`, { as: "jane" });
    await mayJane(mayDiff, rule("wctl.dev", "gitsources", "patch"));
    assert.equal((await look("")).code, 200);
    const refused = await look(`?commit=${commit}`);
    assert.equal(refused.code, 403);
    assert.match(refused.json.message, /cannot get secrets "auth" in the namespace "default": spec\.secretRef says/);
    await mayJane(mayDiff, rule("wctl.dev", "gitsources", "patch"), rule("", "secrets", "get"));
    assert.equal((await look(`?commit=${commit}`)).code, 200);
  });

  it("looks at another commit only for who could have it applied", async () => {
    await mayJane(mayDiff);
    const refused = await server.ask("GET", `${path}/fleet/diff?commit=${commit}`, { as: "jane" });
    assert.equal(refused.code, 403);
    assert.match(refused.json.message, /cannot patch it, so only the revision that its ref names/);
    assert.equal(asked.length, 0);
    await mayJane(mayDiff, rule("wctl.dev", "gitsources", "patch"));
    assert.equal((await server.ask("GET", `${path}/fleet/diff?commit=${commit}`, { as: "jane" })).code, 200);
    assert.deepEqual(asked[0]?.options, { commit });
    for (const bad of ["main", "A".repeat(40), "a".repeat(39), "--upload-pack=x"])
      assert.equal((await server.ask("GET", `${path}/fleet/diff?commit=${bad}`)).code, 400, bad);
  });

  it("is written down as a read of what is confidential", async () => {
    await server.ask("GET", `${path}/fleet/diff`);
    const read = audited.find(({ verb, user }) => verb === "get" && user.username === "wctl-admin");
    const { resource, subresource, name } = read.objectRef;
    assert.deepEqual([resource, subresource, name], ["gitsources", "diff", "fleet"]);
  });

  it("ends when who asks has gone", async () => {
    answer = async (_source, _options, signal) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      return promise;
    };
    const gone = new AbortController();
    const { ca, admin } = server.certificates;
    const client = new HttpClient({ server: server.url, ca, cert: admin.cert, key: admin.key });
    const reply = client.raw("GET", `${path}/fleet/diff`, { signal: gone.signal });
    const question = await eventually(() => asked[0], "the question comes");
    gone.abort();
    await assert.rejects(reply);
    await eventually(() => question.signal.aborted, "it is given up");
    client.close();
  });

  it("is not there for a source that is not, and is what discovery and OpenAPI say", async () => {
    assert.equal((await server.ask("GET", `${path}/gone/diff`)).code, 404);
    const { json } = await server.ask("GET", "/apis/wctl.dev/v1");
    const found = json.resources.find(({ name }: { name: string }) => name === "gitsources/diff");
    assert.deepEqual([found.kind, found.verbs], ["GitSourceDiff", ["get"]]);
    const openApi = (await server.ask("GET", "/openapi/v3/apis/wctl.dev/v1")).json;
    const { get } = openApi.paths["/apis/wctl.dev/v1/namespaces/{namespace}/gitsources/{name}/diff"];
    const names = get.parameters.map(({ name }: { name: string }) => name);
    assert.ok(names.includes("commit"), names.join());
    assert.equal((await server.ask("DELETE", `${path}/fleet/diff`)).code, 405);
  });
});
