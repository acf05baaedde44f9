import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../../api/errors.ts";
import type { Schema } from "../../../apiserver/admission/schema.ts";
import { mergePatch } from "../../../apiserver/patch/merge-patch.ts";
import { strategicMerge } from "../../../apiserver/patch/strategic-merge.ts";
import type { JsonObject } from "../../../lib/json-object.ts";
import { repeats } from "../../repeats.ts";
import { kindNamed } from "../fixtures.ts";

/** The patterns of Kubernetes' own types: containers by name, with ports by number; finalizers; a strategy of volumes; a list that is replaced. */
const schema: Schema = {
  properties: {
    items: {
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-patch-merge-key": "name",
      items: {
        properties: {
          ports: { "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "port", items: {} },
          args: { items: {} },
        },
      },
    },
    keyless: { "x-kubernetes-patch-strategy": "merge", items: {} },
    finalizers: { "x-kubernetes-patch-strategy": "merge", items: { type: "string" } },
    source: { "x-kubernetes-patch-strategy": "merge,retainKeys", properties: {} },
    whole: { "x-kubernetes-patch-strategy": "replace" },
    atomic: { items: {} },
    map: { additionalProperties: { type: "string" } },
  },
};

const named = (...names: string[]): JsonObject[] => names.map((name) => ({ name }));

/** What it is, what there is, the patch, what comes of it. As `pkg/util/strategicpatch` of apimachinery decides. */
const cases: [what: string, current: JsonObject, patch: JsonObject, expected: JsonObject][] = [
  [
    "maps merge, and null removes",
    { map: { a: "1", b: "2" } },
    { map: { a: null, c: "3" } },
    { map: { b: "2", c: "3" } },
  ],
  ["a null of what is not there is nothing", { map: {} }, { map: { a: null }, gone: null }, { map: {} }],
  ["what is new has no nulls", {}, { map: { a: null, b: "1" } }, { map: { b: "1" } }],
  ["another type is taken as it is", { map: "text" }, { map: { a: "1" } }, { map: { a: "1" } }],
  ["a list without a strategy is replaced", { atomic: [1, 2] }, { atomic: [3] }, { atomic: [3] }],
  [
    "items merge by their key, and new ones come first",
    { items: [{ name: "a", args: [1] }, { name: "b" }] },
    { items: [{ name: "c" }, { name: "a", x: 1 }] },
    { items: [{ name: "c" }, { name: "a", args: [1], x: 1 }, { name: "b" }] },
  ],
  [
    "lists within items merge too",
    { items: [{ name: "a", ports: [{ port: 1, x: 1 }], args: [1] }] },
    { items: [{ name: "a", ports: [{ port: 1, y: 2 }, { port: 2 }], args: [2] }] },
    { items: [{ name: "a", ports: [{ port: 1, x: 1, y: 2 }, { port: 2 }], args: [2] }] },
  ],
  [
    "an item is deleted by its key",
    { items: named("a", "b", "c") },
    { items: [{ $patch: "delete", name: "b" }] },
    { items: named("a", "c") },
  ],
  [
    "one that is not there too",
    { items: named("a") },
    { items: [{ $patch: "delete", name: "z" }] },
    { items: named("a") },
  ],
  [
    "a list is replaced when it says so",
    { items: named("a", "b") },
    { items: [{ $patch: "replace" }, { name: "c" }] },
    { items: named("c") },
  ],
  ["and emptied", { items: named("a", "b") }, { items: [{ $patch: "replace" }] }, { items: [] }],
  ["a map is replaced", { map: { a: "1" } }, { map: { $patch: "replace", b: "2" } }, { map: { b: "2" } }],
  ["a map is emptied", { map: { a: "1" } }, { map: { $patch: "delete" } }, { map: {} }],
  [
    "a directive in what is new is no field",
    {},
    { map: { $patch: "delete" }, items: [{ $patch: "delete", name: "a" }, { name: "b" }] },
    { items: named("b") },
  ],
  ["scalars are joined", { finalizers: ["a", "b"] }, { finalizers: ["c", "a"] }, { finalizers: ["c", "a", "b"] }],
  [
    "scalars are deleted",
    { finalizers: ["a", "b", "c"] },
    { "$deleteFromPrimitiveList/finalizers": ["b", "z"] },
    { finalizers: ["a", "c"] },
  ],
  [
    "scalars are deleted and added in the order that is asked for",
    { finalizers: ["a", "b", "c"] },
    {
      "$deleteFromPrimitiveList/finalizers": ["b"],
      "$setElementOrder/finalizers": ["d", "c", "a"],
      finalizers: ["d"],
    },
    { finalizers: ["d", "c", "a"] },
  ],
  ["deleting from a list that is not there is nothing", {}, { "$deleteFromPrimitiveList/finalizers": ["b"] }, {}],
  [
    "an order alone moves items",
    { items: named("a", "b", "c") },
    { "$setElementOrder/items": named("c", "a") },
    { items: named("b", "c", "a") },
  ],
  [
    "what only the server knows keeps its place as far as it can",
    { items: named("a", "s", "b", "t") },
    { "$setElementOrder/items": named("a", "n", "b"), items: [{ name: "n", x: 1 }] },
    { items: [{ name: "a" }, { name: "n", x: 1 }, { name: "s" }, { name: "b" }, { name: "t" }] },
  ],
  [
    "the order of a list that is new",
    {},
    { "$setElementOrder/items": named("b", "a"), items: named("b", "a") },
    { items: named("b", "a") },
  ],
  ["an order of nothing is nothing", {}, { "$setElementOrder/items": named("a") }, {}],
  [
    "an order together with a deletion",
    { items: named("a", "b") },
    { "$setElementOrder/items": named("b", "c"), items: [{ name: "c" }, { $patch: "delete", name: "a" }] },
    { items: named("b", "c") },
  ],
  [
    "only the keys that are retained stay",
    { source: { emptyDir: {}, name: "v" } },
    { source: { $retainKeys: ["name", "secret"], secret: { name: "s" } } },
    { source: { name: "v", secret: { name: "s" } } },
  ],
  ["a map that is replaced by its schema", { whole: { a: 1 } }, { whole: { b: 2 } }, { whole: { b: 2 } }],
];

describe("a strategic merge patch", () => {
  for (const [what, current, patch, expected] of cases) {
    it(what, () => {
      const before = structuredClone({ current, patch });
      assert.deepEqual(strategicMerge(current, patch, schema), expected);
      assert.deepEqual({ current, patch }, before, "neither is changed");
    });
  }

  for (const [what, current, patch, code] of [
    ["a directive that there is not", {}, { $patch: "merge", map: {} }, 400],
    ["one in a list", { items: named("a") }, { items: [{ $patch: "explode", name: "a" }] }, 400],
    ["the merging of a list", { items: named("a") }, { items: [{ $patch: "merge", name: "hunter2" }] }, 400],
    ["an item without its key", { items: named("a") }, { items: [{ value: "hunter2" }] }, 400],
    ["a key that is no scalar", { items: named("a") }, { items: [{ name: { hunter2: 1 } }] }, 400],
    ["a deletion without its key", { items: named("a") }, { items: [{ $patch: "delete" }] }, 400],
    ["objects in a list without a key", { keyless: [{ a: 1 }] }, { keyless: [{ b: 2 }] }, 400],
    ["items of two types", { finalizers: ["a"] }, { finalizers: [1] }, 400],
    ["null as an item", { finalizers: ["a"] }, { finalizers: [null] }, 400],
    ["lists of lists", { finalizers: ["a"] }, { finalizers: [["hunter2"]] }, 422],
    ["an order that is no list", { finalizers: ["a"] }, { "$setElementOrder/finalizers": "hunter2" }, 400],
    ["an order of no list", {}, { $setElementOrder: ["a"] }, 400],
    ["an order of what is no list", { map: { a: "1" } }, { "$setElementOrder/map": ["a"] }, 400],
    ["an order that lacks what is added", {}, { "$setElementOrder/items": named("a"), items: named("b") }, 400],
    ["two orders", {}, { "$setElementOrder/items": named("a", "b"), items: named("b", "a") }, 400],
    ["a deletion that is no list", { finalizers: ["a"] }, { "$deleteFromPrimitiveList/finalizers": "a" }, 400],
    ["a deletion from no list", {}, { $deleteFromPrimitiveList: ["a"] }, 400],
    ["keys to retain that are no list", {}, { $retainKeys: "a" }, 400],
    ["a field that is not retained", {}, { $retainKeys: ["a"], map: { hunter2: "1" } }, 400],
  ] as [string, JsonObject, JsonObject, number][]) {
    it(`is refused, and its values are not repeated: ${what}`, () => {
      assert.throws(
        () => strategicMerge(current, patch, schema),
        (error) => error instanceof StatusError && error.code === code && !error.message.includes("hunter2"),
      );
    });
  }

  it("knows the lists of the kinds that are stored", () => {
    const whole = (kind: string): Schema => kindNamed(kind).schema.whole;
    const owner = (uid: string): JsonObject => ({ uid, name: "o" });
    const current = { metadata: { ownerReferences: [owner("1")], finalizers: ["a"] } };
    const patch = { metadata: { ownerReferences: [owner("2")], finalizers: ["b"] } };
    const merged = { metadata: { ownerReferences: [owner("2"), owner("1")], finalizers: ["b", "a"] } };
    for (const kind of ["Secret", "ConfigMap", "Namespace", "Node"]) {
      assert.deepEqual(strategicMerge(current, patch, whole(kind)), merged, kind);
    }
    const conditions = (...types: string[]) => ({ status: { conditions: types.map((type) => ({ type })) } });
    for (const kind of ["Namespace", "Node"]) {
      const both = strategicMerge(conditions("Ready"), conditions("Odd"), whole(kind));
      assert.deepEqual(both, conditions("Odd", "Ready"), kind);
    }
    const taints = (...keys: string[]) => ({ spec: { taints: keys.map((key) => ({ key, effect: "NoSchedule" })) } });
    assert.deepEqual(strategicMerge(taints("a"), taints("b"), whole("Node")), taints("b"));
  });

  it("is a merge patch where nothing says otherwise", () => {
    const leaf = fc.constantFrom(null, "x", 1, true);
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.dictionary(fc.constantFrom("a", "b", "c"), fc.oneof({ maxDepth: 3 }, leaf, tie("json")), { maxKeys: 3 }),
    }));
    fc.assert(
      fc.property(json, json, (current, patch) => {
        assert.deepEqual(strategicMerge(current as JsonObject, patch as JsonObject, {}), mergePatch(current, patch));
      }),
      { numRuns: repeats(300) },
    );
  });

  const PATCHES = repeats(1_500);
  it(`${PATCHES} with directives in odd places are applied or refused with a 4xx, and leave no directive behind`, () => {
    const key = fc.constantFrom(
      ...["items", "finalizers", "map", "name", "ports", "port", "$patch", "$retainKeys"],
      ...["$setElementOrder/items", "$deleteFromPrimitiveList/finalizers", "$setElementOrder/ports"],
    );
    const leaf = fc.constantFrom<unknown>("a", "b", 1, null, true, "delete", "replace", "merge");
    const { object } = fc.letrec<{ object: unknown; value: unknown }>((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, leaf, tie("object"), fc.array(tie("value"), { maxLength: 3 })),
      object: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    }));
    const current = {
      items: [{ name: "a", ports: [{ port: 1 }] }, { name: "b" }],
      finalizers: ["a", "b"],
      map: { name: "a" },
    };
    const before = JSON.stringify(current);
    let applied = 0;
    fc.assert(
      fc.property(object, (patch) => {
        try {
          const merged = JSON.stringify(strategicMerge(current, patch as JsonObject, schema));
          assert.doesNotMatch(merged, /"\$[^"]*":/);
          applied++;
        } catch (error) {
          if (!(error instanceof StatusError)) throw error;
          assert.ok(error.code < 500);
        }
        assert.equal(JSON.stringify(current), before);
      }),
      { numRuns: PATCHES },
    );
    assert.ok(applied > PATCHES / 20, `${applied} applied`);
  });

  it("of ten thousand items takes no time that grows with their product", () => {
    const many = Array.from({ length: 10_000 }, (_, n) => ({ name: `n${n}` }));
    const patch = { "$setElementOrder/items": many.toReversed(), items: many.toReversed() };
    assert.deepEqual(strategicMerge({ items: many }, patch, schema), { items: many.toReversed() });
  });
});
