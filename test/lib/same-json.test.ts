import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { sameJson } from "../../lib/same-json.ts";

describe("sameJson", () => {
  it("tells equal from different, whatever the order of keys", () => {
    assert.ok(sameJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }));
    assert.ok(sameJson({ a: undefined }, {}));
    assert.ok(!sameJson({ a: undefined, b: 1 }, { c: 1 }));
    assert.ok(!sameJson([], {}));
    assert.ok(!sameJson({}, []));
    assert.ok(!sameJson(null, {}));
    assert.ok(!sameJson({ toString: 1 }, {}));
    assert.ok(!sameJson([1, 2], [2, 1]));
  });

  it("agrees with Node on JSON", () => {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    fc.assert(fc.property(json, json, (a, b) => assert.equal(sameJson(a, b), isDeepStrictEqual(a, b))));
    fc.assert(fc.property(json, (a) => assert.ok(sameJson(a, structuredClone(a)))));
  });
});
