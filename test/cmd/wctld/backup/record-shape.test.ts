import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isRecord } from "../../../../cmd/wctld/backup/record-shape.ts";

const web = {
  apiVersion: "wctl.dev/v1",
  kind: "Process",
  metadata: { name: "web", namespace: "default", uid: "a-uid", ownerReferences: [{ uid: "b" }] },
  spec: { command: "x" },
  status: {},
};
const path = "wctl.dev/processes/default/web";
const isOne = (object: unknown): boolean => isRecord([1, path, JSON.stringify(object)]);

describe("a record of a store that is restored", () => {
  it("is an Object, a deletion, or an encrypted Secret", () => {
    assert.ok(isOne(web));
    assert.ok(isOne({ ...web, spec: undefined, status: undefined }));
    assert.ok(isRecord([1, path, null]));
    assert.ok(isRecord([1, "core/secrets/default/password", "k1 AAAA"]));
  });

  const foreign: [what: string, object: unknown][] = [
    ["a list", []],
    ["a number", 7],
    ["nothing", null],
    ["no kind", { ...web, kind: undefined }],
    ["no metadata", { ...web, metadata: null }],
    ["no uid", { ...web, metadata: { name: "web" } }],
    ["a name that is none", { ...web, metadata: { name: ["web"], uid: "a" } }],
    ["owners that are no list", { ...web, metadata: { ...web.metadata, ownerReferences: "x" } }],
    ["an owner that is none", { ...web, metadata: { ...web.metadata, ownerReferences: [null] } }],
    ["labels that are a list", { ...web, metadata: { ...web.metadata, labels: [] } }],
    ["a finalizer that is none", { ...web, metadata: { ...web.metadata, finalizers: [1] } }],
    ["no spec", { ...web, spec: null }],
    ["a status that is a number", { ...web, status: 7 }],
  ];
  for (const [what, object] of foreign) {
    it(`is nothing with ${what}`, () => {
      assert.equal(isOne(object), false);
    });
  }

  it("is nothing that is no JSON, but for a Secret", () => {
    assert.equal(isRecord([1, path, "{"]), false);
    assert.equal(isRecord([1, path, "k1 AAAA"]), false);
    assert.equal(isRecord([1, "core/secrets/default/password", "{}"]), false);
  });
});
