import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../../api/errors.ts";
import { applyPatch } from "../../../apiserver/patch/apply-patch.ts";
import { applyJsonPatch, MAX_OPERATIONS } from "../../../apiserver/patch/json-patch.ts";
import { repeats } from "../../repeats.ts";
import { kindNamed } from "../fixtures.ts";

const target = () => ({ a: { b: [1, 2, 3] }, "x/y": { "m~n": true }, n: null });

const code = (patch: unknown, from: unknown = target()): number | undefined => {
  try {
    applyJsonPatch(from, patch);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error.code;
  }
};

describe("JSON patch (RFC 6902)", () => {
  it("applies each operation in turn, on a copy", () => {
    const before = Object.freeze(target());
    const after = applyJsonPatch(before, [
      { op: "test", path: "/a/b/0", value: 1 },
      { op: "add", path: "/a/b/1", value: 9 },
      { op: "add", path: "/a/b/-", value: 4 },
      { op: "remove", path: "/a/b/0" },
      { op: "replace", path: "/x~1y/m~0n", value: false },
      { op: "copy", from: "/a/b", path: "/c" },
      { op: "move", from: "/n", path: "/a/n" },
      { op: "test", path: "/a/n", value: null },
    ]);
    assert.deepEqual(after, { a: { b: [9, 2, 3, 4], n: null }, "x/y": { "m~n": false }, c: [9, 2, 3, 4] });
    assert.deepEqual(before, target());
    assert.equal(applyJsonPatch({}, [{ op: "replace", path: "", value: 3 }]), 3);
  });

  it("reads indices as the real server does: -1 is the last item, or the place behind it", () => {
    const from = { a: [1, 2, 3] };
    const done = (...patch: object[]): unknown => applyJsonPatch(from, patch);
    assert.deepEqual(done({ op: "remove", path: "/a/-1" }), { a: [1, 2] });
    assert.deepEqual(done({ op: "replace", path: "/a/-3", value: 0 }), { a: [0, 2, 3] });
    assert.deepEqual(done({ op: "add", path: "/a/-1", value: 4 }), { a: [1, 2, 3, 4] });
    assert.deepEqual(done({ op: "add", path: "/a/+0", value: 0 }), { a: [0, 1, 2, 3] });
    assert.deepEqual(done({ op: "copy", from: "/a/-1", path: "/a/00" }), { a: [3, 1, 2, 3] });
    assert.deepEqual(done({ op: "move", from: "/a/0", path: "/a/-" }), { a: [2, 3, 1] });
    for (const path of ["/a/-4", "/a/4", "/a/x", "/a/1x", "/a/1.0"]) {
      assert.equal(code([{ op: "replace", path, value: 0 }], from), 422, path);
      assert.equal(code([{ op: "copy", from: "/a/0", path: path.replace("-4", "-5") }], from), 422, path);
    }
  });

  it("takes nothing for null in a test, as the real server does", () => {
    const from = { a: { b: null } };
    for (const path of ["/a/b", "/a/none", "/none", "/toString"]) {
      assert.equal(code([{ op: "test", path, value: null }], from), undefined, path);
      assert.equal(code([{ op: "test", path }], from), undefined, path);
      assert.equal(code([{ op: "test", path, value: {} }], from), 422, path);
    }
    assert.equal(code([{ op: "test", path: "/none/b", value: null }], from), 422);
    assert.equal(code([{ op: "test", path: "/a", value: null }], from), 422);
  });

  it("adds, moves, copies and removes nothing but parts, as the real server", () => {
    for (const op of ["add", "copy", "move"]) assert.equal(code([{ op, path: "", from: "/a", value: {} }]), 422, op);
    assert.equal(code([{ op: "copy", from: "", path: "/a" }]), 422);
    assert.equal(code([{ op: "remove", path: "" }]), 422);
  });

  it("refuses with 400 what is no patch, or reaches into prototypes", () => {
    const wrong: unknown[] = [
      {},
      null,
      "x",
      [1],
      [{ op: "jump", path: "/a" }],
      [{ op: "add", path: "a", value: 1 }],
      [{ op: "add", value: 1 }],
      [{ op: "add", path: "/a" }],
      [{ op: "copy", path: "/a" }],
      [{ op: "add", path: "/__proto__/x", value: 1 }],
      [{ op: "add", path: "/constructor/prototype/x", value: 1 }],
      [{ op: "copy", from: "/a/__proto__", path: "/c" }],
    ];
    for (const patch of wrong) assert.equal(code(patch), 400, JSON.stringify(patch));
  });

  it("refuses with 422 what cannot be applied", () => {
    const wrong: unknown[] = [
      [{ op: "test", path: "/a/b/0", value: 2 }],
      [{ op: "test", path: "/missing", value: 1 }],
      [{ op: "remove", path: "/missing" }],
      [{ op: "remove", path: "" }],
      [{ op: "replace", path: "/missing", value: 1 }],
      [{ op: "add", path: "/missing/below", value: 1 }],
      [{ op: "add", path: "/a/b/9", value: 1 }],
      [{ op: "add", path: "/a/b/1x", value: 1 }],
      [{ op: "remove", path: "/a/b/length" }],
      [{ op: "replace", path: "/a/b/length", value: 0 }],
      [{ op: "remove", path: "/a/b/-" }],
      [{ op: "add", path: "/n/x", value: 1 }],
      [{ op: "move", from: "/a", path: "/a/b" }],
      [{ op: "copy", from: "/toString", path: "/c" }],
      [{ op: "test", path: "/a/b/toString", value: 1 }],
    ];
    for (const patch of wrong) assert.equal(code(patch), 422, JSON.stringify(patch));
  });

  it("is bounded in operations, in what copies add, and in time", () => {
    const operation = { op: "test", path: "/n", value: null };
    assert.equal(code(Array(MAX_OPERATIONS).fill(operation)), undefined);
    assert.equal(code(Array(MAX_OPERATIONS + 1).fill(operation)), 413);
    const bomb = Array.from({ length: 200 }, (_, index) => ({ op: "copy", from: "", path: `/c${index}` }));
    assert.equal(code(bomb, { text: "x".repeat(1000) }), 422);
    const began = process.cpuUsage();
    const nest = Array.from({ length: MAX_OPERATIONS / 2 }, () => [
      { op: "add", path: "/b", value: {} },
      { op: "move", from: "/a", path: "/b/a" },
      { op: "move", from: "/b", path: "/a" },
    ]).flat();
    code(nest.slice(0, MAX_OPERATIONS));
    assert.equal(code([...nest.slice(0, MAX_OPERATIONS - 2), { op: "copy", from: "/a", path: "/c" }]), 422);
    assert.equal(code([{ op: "test", path: "/a".repeat(1_400_000), value: 1 }]), 422);
    assert.ok(process.cpuUsage(began).user < 5e6, "5 s of a processor; it takes a hundredth of that");
  });

  it("whatever the patch, the answer is a value or a 4xx, and Object.prototype is as it was", () => {
    const token = fc.constantFrom("a", "b", "0", "1", "-", "x~1y", "length", "__proto__", "n", "~2", "constructor");
    const pointer = fc.array(token, { maxLength: 4 }).map((tokens) => tokens.map((text) => `/${text}`).join(""));
    const operation = fc.record(
      {
        op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test"),
        path: pointer,
        from: pointer,
        value: fc.jsonValue({ maxDepth: 2 }),
      },
      { requiredKeys: ["op"] },
    );
    const names = Object.getOwnPropertyNames(Object.prototype).length;
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), (body) => {
        try {
          applyPatch(target(), { type: "json", body: body as [] }, kindNamed("Process").schema);
        } catch (error) {
          assert.ok(error instanceof StatusError && error.code < 500, String(error));
        }
      }),
      { numRuns: repeats(1_500) },
    );
    assert.equal(Object.getOwnPropertyNames(Object.prototype).length, names);
  });
});
