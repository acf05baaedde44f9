import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { scheme } from "../../../api/scheme.ts";
import { TestServer } from "../test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

const json = async (path: string, accept?: string) =>
  (await server.ask("GET", path, accept ? { headers: { accept } } : {})).json;

describe("discovery", () => {
  it("leads from the groups to every resource with its verbs and names", async () => {
    assert.deepEqual((await json("/api")).versions, ["v1"]);
    const [group] = (await json("/apis")).groups;
    assert.deepEqual(group, {
      name: "wctl.dev",
      versions: [{ groupVersion: "wctl.dev/v1", version: "v1" }],
      preferredVersion: { groupVersion: "wctl.dev/v1", version: "v1" },
    });
    assert.equal((await json("/apis/wctl.dev")).kind, "APIGroup");
    const { resources, groupVersion } = await json("/apis/wctl.dev/v1");
    assert.equal(groupVersion, "wctl.dev/v1");
    assert.deepEqual(
      resources.map(({ name }: { name: string }) => name),
      [
        ...["processes", "processes/log", "processes/scale", "processes/status"],
        ...["instances", "instances/exec", "instances/log", "instances/status"],
        ...["gitsources", "gitsources/diff", "gitsources/status"],
      ],
    );
    assert.deepEqual(resources[0], {
      name: "processes",
      singularName: "process",
      namespaced: true,
      kind: "Process",
      verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
      shortNames: ["proc"],
      categories: ["all", "wctl"],
    });
    assert.deepEqual(resources[5].verbs, ["create"]);
    assert.deepEqual([resources[2].kind, resources[2].group, resources[2].version], ["Scale", "autoscaling", "v1"]);
    const core = (await json("/api/v1")).resources.map(({ name }: { name: string }) => name);
    for (const { group, plural } of scheme) if (group === "") assert.ok(core.includes(plural), plural);
  });

  it("says it all at once to who understands that", async () => {
    const accept = (version: string): string =>
      `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    const header = `${accept("v2")},${accept("v2beta1")},application/json`;
    const reply = await server.ask("GET", "/apis", { headers: { accept: header } });
    assert.equal(reply.headers["content-type"], "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    assert.equal(reply.headers.vary, "Accept");
    assert.equal(reply.json.kind, "APIGroupDiscoveryList");
    const [group] = reply.json.items;
    assert.equal(group.metadata.name, "wctl.dev");
    const [processes] = group.versions[0].resources;
    assert.deepEqual(processes.responseKind, { group: "wctl.dev", version: "v1", kind: "Process" });
    assert.equal(processes.scope, "Namespaced");
    assert.deepEqual(processes.subresources[1].responseKind, { group: "autoscaling", version: "v1", kind: "Scale" });
    assert.equal((await json("/api", header)).items[0].metadata.name, "");
    const plain = async (wanted: string): Promise<void> =>
      assert.equal((await json("/apis", wanted)).kind, "APIGroupList", "only what we know is labelled so");
    await plain(`application/json,${accept("v2")}`);
    await plain(accept("v3"));
    await plain(accept("v2").replace("g=apidiscovery.k8s.io", "g=other"));
  });

  it("says the same under the older name to clients from 1.26 to 1.29, and under the first that a client names", async () => {
    const accept = (version: string): string =>
      `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    for (const path of ["/api", "/apis"]) {
      const older = await server.ask("GET", path, { headers: { accept: `${accept("v2beta1")},application/json` } });
      assert.equal(older.headers["content-type"], accept("v2beta1"));
      assert.equal(older.json.apiVersion, "apidiscovery.k8s.io/v2beta1");
      assert.deepEqual(older.json.items, (await json(path, accept("v2"))).items);
    }
    const both = `${accept("v2beta1")},${accept("v2")}`;
    assert.equal((await json("/apis", both)).apiVersion, "apidiscovery.k8s.io/v2beta1");
    assert.equal((await json("/apis", `${accept("v9")},${both}`)).apiVersion, "apidiscovery.k8s.io/v2beta1");
  });

  it("answers with a slash at the end as without", async () => {
    for (const path of ["/api", "/apis", "/apis/wctl.dev", "/apis/wctl.dev/v1", "/api/v1", "/version"])
      assert.equal((await server.ask("GET", `${path}/`)).text, (await server.ask("GET", path)).text, path);
    assert.equal((await server.ask("GET", "/version/", { as: "nobody" })).code, 200);
    assert.equal((await server.ask("GET", "/api/", { as: "nobody" })).code, 401);
    assert.equal((await server.ask("GET", "/api//")).code, 400);
  });

  it("is not sent again to who has it", async () => {
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const { etag = "" } = (await server.ask("GET", "/apis", { headers: { accept } })).headers;
    assert.match(etag, /^"[0-9A-F]{128}"$/);
    const again = await server.ask("GET", "/apis", { headers: { accept, "if-none-match": etag } });
    assert.deepEqual([again.code, again.text, again.headers.etag], [304, "", etag]);
    assert.equal(
      (await server.ask("GET", "/apis", { headers: { "if-none-match": etag } })).code,
      200,
      "the plain form",
    );
  });

  it("names the paths at the root", async () => {
    const { paths } = await json("/");
    for (const path of ["/api/v1", "/apis/wctl.dev/v1", "/healthz", "/openapi/v2", "/openapi/v3", "/version"])
      assert.ok(paths.includes(path), path);
  });
});

describe("version", () => {
  it("is one that kubectl can compare", async () => {
    const version = await json("/version");
    assert.equal(version.gitVersion, "v1.32.0-wctl.0.1.0");
    assert.deepEqual([version.major, version.minor], ["1", "32"]);
    const demanded = ["gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler", "platform"];
    for (const field of demanded) assert.equal(typeof version[field], "string", field);
    assert.match(version.platform, /^(linux|windows)\/(amd64|arm64)$/);
  });
});
