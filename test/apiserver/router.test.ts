import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { isReason, StatusError } from "../../api/errors.ts";
import { type Resource, scheme, urlPath } from "../../api/scheme.ts";
import type { Attributes } from "../../apiserver/authorization/attributes.ts";
import type { Authorizer } from "../../apiserver/authorization/authorizer.ts";
import { StoreRegistry } from "../../apiserver/registry/store-registry.ts";
import { type ParsedRequest, Router } from "../../apiserver/router.ts";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import { repeats } from "../repeats.ts";
import { TestServer } from "./test-server.ts";

const store = await MemoryStore.open({ clock: systemClock, logger: silentLogger });
after(() => store.close());
const logs = { async *open() {} };
const { storages } = new StoreRegistry({ store, clock: systemClock, logger: silentLogger, logs });
const router = new Router(storages);

/** `verb plural namespace/name/subresource`, or the path. */
function shown(request: ParsedRequest): string {
  if (request.kind === "path") return `${request.verb} ${request.path}`;
  const { verb, resource, namespace = "*", name = "*", subresource = "" } = request;
  return `${verb} ${resource.plural} ${namespace} ${name} ${subresource}`.trim();
}

describe("Router", () => {
  const cases: [string, string, string][] = [
    ["GET", "/apis/wctl.dev/v1/processes", "list processes * *"],
    ["GET", "/apis/wctl.dev/v1/processes?watch=true", "watch processes * *"],
    ["GET", "/apis/wctl.dev/v1/processes?watch", "watch processes * *"],
    ["GET", "/apis/wctl.dev/v1/processes?watch=0", "list processes * *"],
    ["GET", "/apis/wctl.dev/v1/processes?watch=False", "list processes * *"],
    ["GET", "/apis/wctl.dev/v1/namespaces/a/processes/b", "get processes a b"],
    ["GET", "/apis/wctl.dev/v1/namespaces/a/processes/b?watch=1", "get processes a b"],
    ["PUT", "/apis/wctl.dev/v1/namespaces/a/processes/b/status", "update processes a b status"],
    ["PATCH", "/apis/wctl.dev/v1/namespaces/a/processes/b/scale", "patch processes a b scale"],
    ["GET", "/apis/wctl.dev/v1/namespaces/a/instances/b/log", "get instances a b log"],
    ["DELETE", "/api/v1/namespaces/a/secrets", "deletecollection secrets a *"],
    ["POST", "/api/v1/namespaces", "create namespaces * *"],
    ["GET", "/api/v1/namespaces/a", "get namespaces * a"],
    ["PATCH", "/api/v1/namespaces/a/status", "patch namespaces * a status"],
    ["GET", "/api/v1/namespaces/a/configmaps/status", "get configmaps a status"],
    ["DELETE", "/api/v1/nodes/n", "delete nodes * n"],
    ["GET", "/apis/wctl.dev/v1/namespaces/a/processes/b%2Ec", "get processes a b.c"],
    ["GET", "/apis/wctl.dev/v1", "get /apis/wctl.dev/v1"],
    ["GET", "/api/v1", "get /api/v1"],
    ["GET", "/api/v1/", "get /api/v1"],
    ["GET", "/api/v1/namespaces/a/", "get namespaces * a"],
    ["GET", "/", "get /"],
    ["GET", "/apis/no.such/v1/things", "get /apis/no.such/v1/things"],
    ["GET", "/constructor/prototype", "get /constructor/prototype"],
  ];
  for (const [method, url, expected] of cases) {
    it(`reads ${method} ${url}`, () => assert.equal(shown(router.parse(method, url)), expected));
  }

  const tricks = [
    "//",
    "/api//v1",
    "/api/v1//",
    "/./api",
    "/api/../apis",
    "/api/%2e%2e/x",
    "/api/%2E",
    "/a%2fb",
    "/a%2Fb",
    "/a%5cb",
    "/a\\b",
    "/a%00",
    "/a%0a",
    "/a%252e",
    "/a%25",
    "/%",
    "/%zz",
    "/%c3%28",
    "/a b",
    "/a\u00e9",
    "/a#b",
    "",
    "x",
    "http://localhost/api",
    "*",
    "/apis/wctl.dev/v1/namespaces/%2e%2e/processes",
  ];
  for (const url of tricks) {
    it(`refuses ${JSON.stringify(url)}`, () => {
      assert.throws(
        () => router.parse("GET", url),
        (error) => isReason(error, "BadRequest"),
      );
    });
  }

  const nowhere = [
    "/apis/wctl.dev/v1/__proto__",
    "/apis/wctl.dev/v1/namespaces/a/constructor",
    "/apis/wctl.dev/v1/namespaces/a/processes/b/__proto__",
    "/apis/wctl.dev/v1/namespaces/a/processes/b/toString",
    "/apis/wctl.dev/v1/namespaces/a/processes/b/status/c",
    "/api/v1/namespaces/a/namespaces",
    "/api/v1/namespaces/a/b/c/d/e",
    "/apis/wctl.dev/v1/Processes",
    "/apis/wctl.dev/v1/processes;x",
    "/api/v1/namespaces/a/status/b",
  ];
  for (const url of nowhere) {
    it(`has nothing at ${url}`, () => {
      assert.throws(
        () => router.parse("GET", url),
        (error) => isReason(error, "NotFound"),
      );
    });
  }

  it("finds every path that clients make, and nothing but a Status error is ever thrown", () => {
    const segment = fc.oneof(
      fc.constantFrom(
        "api",
        "apis",
        "v1",
        "wctl.dev",
        "namespaces",
        "processes",
        "instances",
        "secrets",
        "status",
        "scale",
        "log",
        "default",
      ),
      fc.constantFrom(
        "__proto__",
        "constructor",
        "..",
        ".",
        "",
        "%2e%2e",
        "%2f",
        "%252f",
        ";",
        "a;b=c",
        "%00",
        "*",
        "@",
        "%",
      ),
      fc.string({ maxLength: 8 }),
      fc.string({ maxLength: 8, unit: "binary" }).map((text) => encodeURIComponent(text.toWellFormed())),
    );
    const method = fc.constantFrom(
      "GET",
      "PUT",
      "POST",
      "PATCH",
      "DELETE",
      "HEAD",
      "OPTIONS",
      "__proto__",
      "constructor",
      "",
    );
    fc.assert(
      fc.property(
        method,
        fc.array(segment, { maxLength: 9 }),
        fc.string({ maxLength: 12 }),
        (verb, segments, query) => {
          try {
            const parsed = router.parse(verb, `/${segments.join("/")}?${query}`);
            if (parsed.kind === "path") return;
            assert.ok(scheme.includes(parsed.resource));
            // What was understood, written as a URL again, is understood the same.
            const { resource, namespace, name, subresource } = parsed;
            const again = router.parse(verb, `${urlPath(resource, namespace, name, subresource)}?${query}`);
            assert.equal(shown(again), shown(parsed));
          } catch (error) {
            if (!(error instanceof StatusError)) throw error;
          }
        },
      ),
      { numRuns: repeats(5_000) },
    );
  });
});

describe("a path with tricks in it", () => {
  let server: TestServer;
  const decided: Attributes[] = [];
  const authorizer: Authorizer = {
    allows(_user, request) {
      decided.push(request);
      return request.kind === "resource" && request.resource.plural === "configmaps" && request.namespace === "open";
    },
    rulesOf: () => [],
  };
  before(async () => {
    server = await TestServer.start({ authorizer });
  });
  after(() => server.stop());

  it("is decided about as what is served: nothing outside what is allowed is ever answered", async () => {
    const open = "/api/v1/namespaces/open/configmaps";
    const tails = [
      "",
      "/x",
      "/../../closed/secrets",
      "/..%2f..%2fclosed%2fsecrets",
      "/%2e%2e/%2e%2e/closed/secrets",
      "/x/../../secrets",
      "//x",
      "/x;/../secrets",
      "/x%3b",
      "/x%00",
      "/%252e%252e/secrets",
      "/x?namespace=closed",
      "/x?resource=secrets",
      "?fieldSelector=metadata.namespace=closed",
      "/__proto__",
      "/x/__proto__",
      "\\..\\secrets",
      "/x%5c..%5csecrets",
      "/X",
      "/x%23",
      "/%78",
      "/x/",
      "/.",
      "/..",
    ];
    for (const prefix of [
      open,
      open.replace("/api", "//api"),
      open.replace("open", "%6fpen"),
      open.replace("open", "open%2f..%2fclosed"),
      open.replace("open", "OPEN"),
    ]) {
      for (const tail of tails) {
        decided.length = 0;
        const path = prefix + tail;
        const { code, json } = await server.ask("GET", path);
        assert.ok([200, 400, 403, 404].includes(code), `${path}: ${code}`);
        assert.ok(decided.length <= 1);
        const [request] = decided;
        if (code === 200) {
          assert.ok(
            request?.kind === "resource" && request.namespace === "open" && request.resource.plural === "configmaps",
            path,
          );
          assert.equal(json.kind, request.name === undefined ? "ConfigMapList" : "ConfigMap");
          const items: { metadata: { namespace: string } }[] = json.items ?? [json];
          assert.ok(items.every((item) => item.metadata.namespace === "open"));
        }
        // A refusal names exactly what was decided about.
        if (code === 403 && request?.kind === "resource")
          assert.ok(json.message.includes(`"${(request.resource as Resource).plural}"`));
      }
    }
  });
});
