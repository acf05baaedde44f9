import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../../api/errors.ts";
import { deleteOptionsOf } from "../../../apiserver/verbs/delete-query.ts";
import { checkListOptions, revisionOf, selectionOf } from "../../../apiserver/verbs/list-query.ts";
import { writeContextOf } from "../../../apiserver/verbs/write-query.ts";
import { repeats } from "../../repeats.ts";
import { processesPath, processManifest, TestServer } from "../test-server.ts";

const names = [
  "limit",
  "continue",
  "labelSelector",
  "fieldSelector",
  "resourceVersion",
  "resourceVersionMatch",
  "sendInitialEvents",
  "timeoutSeconds",
  "dryRun",
  "fieldValidation",
  "fieldManager",
  "propagationPolicy",
  "gracePeriodSeconds",
  "orphanDependents",
  "pretty",
  "includeObject",
  "__proto__",
  "constructor",
];
const values = [
  "",
  "0",
  "1",
  "-1",
  "abc",
  "true",
  "false",
  "All",
  "Strict",
  "Exact",
  "NotOlderThan",
  "Background",
  "Orphan",
  "a=b",
  "a in (b,c)",
  "!a",
  "metadata.name=x",
  "99999999999999999999",
  "1e9",
  "0x10",
  " 1",
  "NaN",
  "null",
  "%00",
  "\u0000",
  "\ud800",
  "é",
  "__proto__",
  "=".repeat(300),
  "(".repeat(300),
  ",".repeat(300),
];
const queries = fc
  .array(
    fc.tuple(
      fc.constantFrom(...names),
      fc.oneof(fc.constantFrom(...values), fc.string({ unit: "binary", maxLength: 20 })),
    ),
    { maxLength: 6 },
  )
  .map((pairs) => new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value.toWellFormed()])));

describe("queries", () => {
  it("are understood or refused with a Status below 500, whatever they say", () => {
    const statusOr = (read: () => unknown): void => {
      try {
        read();
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        assert.ok(error.code < 500, error.message);
      }
    };
    fc.assert(
      fc.property(
        queries,
        fc.option(
          fc.json().map((text) => JSON.parse(text) as unknown),
          { nil: undefined },
        ),
        (query, body) => {
          statusOr(() => selectionOf(query, "default"));
          statusOr(() => revisionOf(query));
          for (const watch of [true, false]) statusOr(() => checkListOptions(query, watch));
          statusOr(() => writeContextOf(query, "CreateOptions", { userAgent: query.get("fieldManager") ?? undefined }));
          statusOr(() => deleteOptionsOf(query, body));
        },
      ),
      { numRuns: repeats(1500) },
    );
  });

  it("of deletes read as their body does", () => {
    const read = (query: string, body?: unknown) => deleteOptionsOf(new URLSearchParams(query), body);
    const whole = { dryRun: true, propagation: "Foreground", gracePeriodSeconds: 5 };
    assert.deepEqual(read("dryRun=All&propagationPolicy=Foreground&gracePeriodSeconds=5"), whole);
    assert.deepEqual(read("", { dryRun: ["All"], propagationPolicy: "Foreground", gracePeriodSeconds: 5 }), whole);
    assert.deepEqual(read("orphanDependents=true"), { propagation: "Orphan" });
    assert.deepEqual(read("", { orphanDependents: false, apiVersion: "v1", kind: "DeleteOptions" }), {
      propagation: "Background",
    });
    assert.deepEqual(read("", { preconditions: { uid: "u", resourceVersion: "7" } }), {
      preconditions: { uid: "u", resourceVersion: "7" },
    });
    assert.deepEqual(read("dryRun=All", {}), {}, "the body alone counts when there is one");
  });

  it("of writes say who writes, if need be by the client's name", () => {
    const manager = (query: string, agent?: string) =>
      writeContextOf(new URLSearchParams(query), "UpdateOptions", { userAgent: agent }).fieldManager;
    assert.equal(manager("fieldManager=me", "kubectl/v1.32"), "me");
    assert.equal(manager("", "kubectl/v1.32.0 (linux/amd64)"), "kubectl");
    assert.equal(manager("", undefined), "unknown");
    assert.equal(manager("", `${"x".repeat(500)}/1`)?.length, 128);
    assert.throws(() => manager(`fieldManager=${"x".repeat(129)}`), {
      message: /fieldManager: Too long: may not be more than 128 bytes/,
    });
    assert.throws(() => manager("fieldManager=a%07b"), { message: /printable/ });
  });
});

describe("queries over HTTP", () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  it("never make the server fail: 1,000 of them on every verb", async () => {
    const merge = { headers: { "content-type": "application/merge-patch+json" }, body: "{}" };
    const requests = fc.sample(
      fc.tuple(fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "COLLECTION"), queries),
      1000,
    );
    for (let from = 0; from < requests.length; from += 20) {
      const replies = requests.slice(from, from + 20).map(async ([verb, query], index) => {
        const item = `${processesPath}/q${index % 5}?${query}`;
        if (verb === "GET" || verb === "COLLECTION")
          return server.ask(verb === "GET" ? "GET" : "DELETE", `${processesPath}?${query}`);
        if (verb === "POST")
          return server.ask(verb, `${processesPath}?${query}`, { body: processManifest(`q${index % 5}`) });
        return server.ask(
          verb,
          item,
          verb === "PATCH" ? merge : { body: verb === "PUT" ? processManifest(`q${index % 5}`) : {} },
        );
      });
      for (const { code, json, text } of await Promise.all(replies)) {
        assert.ok(
          code < 500 || json?.details?.causes?.[0]?.reason === "ResourceVersionTooLarge",
          `${code} ${text.slice(0, 300)}`,
        );
        if (code >= 400) assert.equal(json.kind, "Status");
      }
    }
  });
});
