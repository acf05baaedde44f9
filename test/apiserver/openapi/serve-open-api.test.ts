import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { type Ask, type Reply, TestServer } from "../test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

const ask = (path: string, headers: Ask["headers"] = {}): Promise<Reply> => server.ask("GET", path, { headers });

const old = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
const named = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

describe("OpenAPI version 2", () => {
  it("comes in the form that is asked for", async () => {
    for (const accept of ["application/json", "*/*", "application/*", `text/html, application/json;q=0.9`]) {
      const reply = await ask("/openapi/v2", { accept });
      assert.equal(reply.headers["content-type"], "application/json", accept);
      assert.equal(reply.json.swagger, "2.0");
    }
    for (const accept of [old, named, `${old}, application/json`]) {
      const reply = await ask("/openapi/v2", { accept });
      assert.deepEqual([reply.code, reply.headers["content-type"]], [200, named]);
      assert.equal(reply.bytes.subarray(0, 5).toString("latin1"), "\n\x032.0");
      assert.equal(reply.headers.vary, "Accept");
    }
    const refused = await ask("/openapi/v2", { accept: "application/vnd.kubernetes.protobuf" });
    assert.deepEqual([refused.code, refused.json.reason], [406, "NotAcceptable"]);
  });

  it("is compressed for who takes that, and not sent again to who has it", async () => {
    const plain = await ask("/openapi/v2");
    const compressed = await ask("/openapi/v2", { "accept-encoding": "gzip" });
    assert.equal(compressed.headers["content-encoding"], "gzip");
    assert.ok(compressed.bytes.length * 4 < plain.bytes.length);
    assert.deepEqual(gunzipSync(compressed.bytes), plain.bytes);
    const { etag = "" } = plain.headers;
    assert.match(etag, /^"[0-9A-F]{128}"$/);
    for (const tags of [etag, `"x", ${etag}`, `W/${etag}`, "*"]) {
      const again = await ask("/openapi/v2", { "if-none-match": tags, "accept-encoding": "gzip" });
      assert.deepEqual([again.code, again.bytes.length, again.headers.etag], [304, 0, etag], tags);
    }
    assert.equal((await ask("/openapi/v2", { "if-none-match": '"x"' })).code, 200);
    const head = await server.ask("HEAD", "/openapi/v2");
    assert.deepEqual([head.code, head.text, head.headers["content-length"]], [200, "", String(plain.bytes.length)]);
  });

  it("is for who has credentials and may ask, and only to be read", async () => {
    assert.equal((await server.ask("GET", "/openapi/v2", { as: "nobody" })).code, 401);
    assert.equal((await server.ask("GET", "/openapi/v2", { as: "jane" })).code, 200);
    assert.equal((await server.ask("POST", "/openapi/v2", { body: {} })).code, 404);
  });
});

describe("OpenAPI version 3", () => {
  it("leads from the index to each document, which may be kept for good", async () => {
    const index = await ask("/openapi/v3");
    assert.match(String(index.headers.etag), /^"[0-9A-F]{128}"$/);
    assert.match(String(index.headers["cache-control"]), /no-cache/);
    const paths = index.json.paths as Record<string, { serverRelativeURL: string }>;
    assert.ok(paths["api/v1"] && paths["apis/wctl.dev/v1"] && paths["apis/apps/v1"]);
    for (const [path, { serverRelativeURL: url }] of Object.entries(paths)) {
      assert.match(url, new RegExp(`^/openapi/v3/${path}\\?hash=[0-9A-F]{128}$`));
      const reply = await ask(url);
      assert.equal(reply.json.openapi, "3.0.0");
      assert.equal(reply.headers["cache-control"], "public, immutable");
      assert.ok(Date.parse(String(reply.headers.expires)) > Date.parse(String(reply.headers.date)));
      assert.equal(reply.headers.etag, `"${url.split("=")[1]}"`);
      assert.equal((await ask(url, { "if-none-match": String(reply.headers.etag) })).code, 304);
    }
  });

  it("sends who has an old URL to the new one", async () => {
    const reply = await ask("/openapi/v3/apis/wctl.dev/v1?hash=OLD");
    assert.equal(reply.code, 301);
    const there = await ask(String(reply.headers.location));
    assert.equal(there.code, 200);
    const plain = await ask("/openapi/v3/apis/wctl.dev/v1");
    assert.equal(plain.text, there.text);
    assert.match(String(plain.headers["cache-control"]), /no-cache/);
  });

  it("comes as protobuf to who asks for that, under the same URL, and the index as JSON to everybody", async () => {
    const type = "application/com.github.proto-openapi.spec.v3.v1.0+protobuf";
    for (const accept of [type, type.replace(".v1.0", "@v1.0"), `${type}, application/json`]) {
      const index = await ask("/openapi/v3", { accept });
      assert.deepEqual([index.code, index.headers["content-type"]], [200, "application/json"]);
      const url = index.json.paths["apis/wctl.dev/v1"].serverRelativeURL;
      const reply = await ask(url, { accept });
      assert.deepEqual([reply.code, reply.headers["content-type"], reply.headers.vary], [200, type, "Accept"]);
      assert.equal(reply.headers["cache-control"], "public, immutable");
      assert.equal(reply.bytes.subarray(0, 7).toString("latin1"), "\n\x053.0.0");
      assert.equal((await ask("/openapi/v3/apis/wctl.dev/v1?hash=OLD", { accept })).headers.location, url);
      const json = await ask(url, { "if-none-match": String(reply.headers.etag) });
      assert.deepEqual(
        [json.code, json.headers["content-type"]],
        [200, "application/json"],
        "another form, another tag",
      );
    }
  });

  it("knows nothing else", async () => {
    for (const path of ["/openapi", "/openapi/v4", "/openapi/v3/apis/no.such/v1", "/openapi/v3/__proto__"])
      assert.equal((await ask(path)).code, 404, path);
    assert.equal((await ask("/openapi/v3/api/v1", { accept: "text/html" })).code, 406);
  });

  it("answers many who ask at once", async () => {
    const replies = await Promise.all(
      Array.from({ length: 100 }, () => ask("/openapi/v3/api/v1", { "accept-encoding": "gzip" })),
    );
    assert.ok(replies.every(({ code, bytes }) => code === 200 && bytes.equals(replies[0]!.bytes)));
  });
});
