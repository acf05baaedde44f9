import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { ConfigMap, Secret } from "../../../../api/types.generated.ts";
import { ContentDigests } from "../../../../controllers/process/content/digests.ts";

const metadata = { name: "web", namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: "t" };
const configMap = (data: Record<string, string>, more: Partial<ConfigMap> = {}) =>
  ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata,
    data,
    ...more,
  }) as Stored<ConfigMap>;
const secret = (data: Record<string, string>): Stored<Secret> => ({ apiVersion: "v1", kind: "Secret", metadata, data });
const digests = new ContentDigests(Buffer.alloc(32, "a"));

describe("ContentDigests", () => {
  it("tell of each key whether its value is another, and keep no value", () => {
    const [before, after] = [digests.of(configMap({ a: "1", b: "1" })), digests.of(configMap({ a: "2", b: "1" }))];
    assert.notEqual(before.digests.a, after.digests.a);
    assert.equal(before.digests.b, after.digests.b);
    assert.deepEqual(Object.keys(before).sort(), ["apiVersion", "digests", "kind", "metadata"]);
    const binary = digests.of(configMap({}, { binaryData: { c: "AAE=" } }));
    assert.deepEqual(Object.keys(binary.digests), ["c"]);
  });

  it("of equal values in two places differ, and under another key too, so nobody can try values out", () => {
    const value = secret({ a: "aHVudGVyMg==", b: "aHVudGVyMg==" });
    const { a, b } = digests.of(value).digests;
    assert.notEqual(a, b);
    const other = new ContentDigests(Buffer.alloc(32, "b"));
    assert.notEqual(other.of(value).digests.a, a);
    assert.notEqual(other.keyName, digests.keyName);
    assert.match(a!, /^[A-Za-z0-9_-]{12}$/);
  });

  it("take any key that an Object may have", () => {
    assert.deepEqual(Object.keys(digests.of(configMap({ ["__proto__"]: "x" })).digests), ["__proto__"]);
  });
});
