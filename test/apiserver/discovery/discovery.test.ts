import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { scheme } from "../../../api/scheme.ts";
import type { Health } from "../../../apiserver/health.ts";
import { RequestMetrics } from "../../../apiserver/request-metrics.ts";
import { processesPath, TestServer } from "../test-server.ts";

let server: TestServer;
let health: Health = { live: true, ready: true, checks: [] };
before(async () => {
  server = await TestServer.start({ health: () => health });
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
    assert.equal((await json("/apis", accept("v2beta1"))).kind, "APIGroupList", "only what we know is labelled so");
    assert.equal((await json("/apis", `application/json,${accept("v2")}`)).kind, "APIGroupList");
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

describe("health", () => {
  const ask = (path: string) => server.ask("GET", path, { as: "nobody" });

  it("is a word, or the list of checks", async () => {
    health = { live: true, ready: true, checks: [{ name: "store", ok: true }] };
    for (const path of ["/healthz", "/livez", "/readyz"]) {
      const reply = await ask(path);
      assert.deepEqual([reply.code, reply.text], [200, "ok"]);
      assert.match(String(reply.headers["content-type"]), /^text\/plain/);
    }
    assert.equal((await ask("/readyz?verbose")).text, "[+]store ok\nreadyz check passed\n");
    const head = await server.ask("HEAD", "/healthz");
    assert.deepEqual([head.code, head.text], [200, ""]);
  });

  it("tells live from ready, and says what is wrong", async () => {
    health = {
      live: true,
      ready: false,
      checks: [
        { name: "store", ok: false, message: "disk full" },
        { name: "agent", ok: true },
      ],
    };
    assert.equal((await ask("/livez")).code, 200);
    const reply = await ask("/readyz");
    assert.deepEqual([reply.code, reply.text], [500, "[-]store failed: disk full\n[+]agent ok\nreadyz check failed\n"]);
    health = { ...health, live: false };
    assert.equal((await ask("/healthz")).code, 500);
  });
});

describe("metrics", () => {
  it("count by verb, resource and code", async () => {
    await server.ask("GET", processesPath);
    await server.ask("GET", `${processesPath}/none`);
    const { text, headers } = await server.ask("GET", "/metrics");
    assert.match(String(headers["content-type"]), /^text\/plain/);
    assert.match(text, /^wctl_apiserver_requests_total\{verb="list",resource="processes.wctl.dev",code="200"\} 1$/m);
    assert.match(text, /^wctl_apiserver_requests_total\{verb="get",resource="processes.wctl.dev",code="404"\} 1$/m);
    assert.match(
      text,
      /^wctl_apiserver_request_duration_seconds_bucket\{verb="list",resource="processes.wctl.dev",code="200",le="\+Inf"\} 1$/m,
    );
  });

  it("stay bounded whatever clients ask for", async () => {
    const before = (await server.ask("GET", "/metrics")).text.split("\n").length;
    for (let n = 0; n < 50; n++) {
      await server.ask("GET", `/apis/evil-${n}.dev/v1/things`);
      await server.ask("GET", `${processesPath}/name-${n}`);
      await server.ask("GET", `/apis/wctl.dev/v1/kind-${n}`);
    }
    const { text } = await server.ask("GET", "/metrics");
    const more = text.split("\n").length - before;
    assert.ok(more < 50, `${more} more lines for 150 requests of three sorts`);
    assert.doesNotMatch(text, /evil|name-|kind-/);
  });

  it("have buckets that add up", () => {
    const metrics = new RequestMetrics();
    for (const ms of [0.5, 3, 700, 90_000]) metrics.count("get", "x", 200, ms);
    const counts = [...metrics.text().matchAll(/le="[^"]+"\} (\d+)/g)].map((match) => Number(match[1]));
    assert.deepEqual(counts, [1, 2, 2, 2, 2, 3, 3, 3, 4]);
    assert.match(metrics.text(), /_sum\{[^}]+\} 90\.7035/);
    assert.match(metrics.text(), /_count\{[^}]+\} 4/);
  });
});
