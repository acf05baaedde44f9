import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { mergePatch } from "../../../apiserver/patch/merge-patch.ts";

/** RFC 7386, appendix A: target, patch, result. */
const examples: [unknown, unknown, unknown][] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [
    ["a", "b"],
    ["c", "d"],
    ["c", "d"],
  ],
  [{ a: "b" }, ["c"], ["c"]],
  [{ a: "foo" }, null, null],
  [{ a: "foo" }, "bar", "bar"],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

describe("merge patch (RFC 7386)", () => {
  it("does what the RFC's own examples say", () => {
    for (const [target, patch, result] of examples) assert.deepEqual(mergePatch(target, patch), result);
  });

  it("leaves no null in the objects of a new list, as the real server does", () => {
    const list = [null, { a: null, b: [{ c: null }] }];
    const kept = [null, { b: [{}] }];
    assert.deepEqual(
      mergePatch({ old: [], text: "x", object: {} }, { new: list, old: list, text: list, object: list }),
      {
        new: kept,
        old: kept,
        text: kept,
        object: list,
      },
    );
  });

  it("changes neither argument", () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const before = JSON.stringify([target, patch]);
        mergePatch(target, patch);
        assert.equal(JSON.stringify([target, patch]), before);
      }),
    );
  });
});
