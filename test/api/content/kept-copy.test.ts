import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isIntact, keptCopyOf } from "../../../api/content/kept-copy.ts";
import type { ConfigMap, Secret } from "../../../api/types.generated.ts";

const source = (name: string, data: Record<string, string>): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data,
  binaryData: { blob: "AA==" },
});
const all = new Set(["a", "b", "blob"]);

describe("a kept copy", () => {
  it("has one name for equal keys and values, whatever their order, and another with another salt", () => {
    const nameOf = (data: Record<string, string>, salt = "s") =>
      keptCopyOf(source("web", data), all, salt).metadata.name;
    assert.match(nameOf({ a: "1", b: "2" }), /^web-[0-9a-f]{20}$/);
    assert.equal(nameOf({ a: "1", b: "2" }), nameOf({ b: "2", a: "1", other: "3" }));
    assert.notEqual(nameOf({ a: "1" }), nameOf({ a: "2" }));
    assert.notEqual(nameOf({ a: "1" }), nameOf({ a: "1" }, "t"));
  });

  it("is intact until anything of it is another", () => {
    const copy = keptCopyOf(source("web", { a: "1" }), all, "s");
    assert.equal(isIntact(copy), true);
    const { metadata } = copy;
    const spoiled: ConfigMap[] = [
      { ...copy, data: { a: "2" } },
      { ...copy, data: { a: "1", LD_PRELOAD: "x" } },
      { ...copy, binaryData: {} },
      { ...copy, immutable: false },
      { ...copy, metadata: { ...metadata, name: "web-00000000000000000000" } },
      { ...copy, metadata: { ...metadata, labels: {} } },
      { ...copy, metadata: { ...metadata, annotations: { "wctl.dev/content-salt": "t" } } },
    ];
    assert.deepEqual(
      spoiled.map(isIntact),
      spoiled.map(() => false),
    );
    const secret: Secret = { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", data: { a: "MQ==" } };
    const kept = keptCopyOf(secret, all, "s");
    assert.equal(isIntact(kept), true);
    assert.equal(isIntact({ ...kept, kind: "ConfigMap" } as unknown as ConfigMap), false);
  });

  it("has a name and a label that are valid, however long and odd the name of the source is", () => {
    for (const name of ["a".repeat(253), `${"a.".repeat(126)}a`, `${"a-".repeat(31)}aa`]) {
      const { metadata } = keptCopyOf(source(name, {}), all, "s");
      assert.ok(metadata.name.length <= 253);
      assert.match(metadata.name, /[a-z0-9]-[0-9a-f]{20}$/);
      assert.match(metadata.labels!["wctl.dev/content-of"]!, /^[a-z0-9][-.a-z0-9]{0,61}[a-z0-9]$/);
    }
  });
});
