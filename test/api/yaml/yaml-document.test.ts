import assert from "node:assert/strict";
import { describe, it } from "node:test";
import v8 from "node:v8";
import { Scalar } from "yaml";
import { parseManifests } from "../../../api/manifests/parse-manifests.ts";

/** With an anchor, for which the library is needed. */
const manifest = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: &m {name: ${name}}\ndata: {a: "1", b: "2", c: "3"}\n`;

describe("what was read of many files", () => {
  it("keeps no nodes but those of the document whose line was asked for last, and knows every line", () => {
    const nodes = (): number => v8.queryObjects(Scalar, { format: "count" });
    const one = parseManifests(manifest("one"), "one.yaml");
    assert.equal(one[0]?.lineOf("data.b")?.line, 4);
    const ofOne = nodes();
    const all = Array.from({ length: 50 }, (_, index) => parseManifests(manifest(`n${index}`), `${index}.yaml`));
    assert.ok(ofOne > 0);
    assert.ok(nodes() <= 2 * ofOne, `${nodes()} nodes after 51 files, ${ofOne} after one`);
    for (const [read] of [one, ...all]) assert.equal(read!.lineOf("data.b")?.line, 4);
  });
});
