import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { difference, intersection, LEAF, noFields, pathsOf, setOf, union } from "../../../apiserver/apply/field-set.ts";
import { readFieldsV1 } from "../../../apiserver/apply/fields-v1.ts";
import { showPath } from "../../../apiserver/apply/path-element.ts";
import { Random } from "./random-objects.ts";

const paths = (set: Parameters<typeof pathsOf>[0]): string[] => [...pathsOf(set)].map((path) => path.join("/")).sort();

describe("a set of fields", () => {
  it("is what sets of texts are, whatever is in it", () => {
    const random = new Random(Date.now());
    const elements = ["f:a", "f:b", 'k:{"name":"x"}', 'v:"y"'];
    const randomPath = (): string[] => Array.from({ length: 1 + random.below(3) }, () => random.of(elements));
    for (let round = 0; round < 300; round++) {
      const [a, b] = [
        setOf(...Array.from({ length: random.below(6) }, randomPath)),
        setOf(...Array.from({ length: random.below(6) }, randomPath)),
      ];
      const [mine, theirs] = [new Set(paths(a)), new Set(paths(b))];
      assert.deepEqual(paths(union(a, b)), [...new Set([...mine, ...theirs])].sort());
      assert.deepEqual(paths(difference(a, b)), [...mine].filter((path) => !theirs.has(path)).sort());
      assert.deepEqual(paths(intersection(a, b)), [...mine].filter((path) => theirs.has(path)).sort());
      assert.deepEqual(readFieldsV1(JSON.parse(JSON.stringify(a))), a, "it is read as it is written");
    }
  });

  it("stays the same object when an operation changes nothing", () => {
    const set = setOf(["f:spec"], ["f:spec", "f:replicas"]);
    assert.deepEqual(set, { "f:spec": { ".": {}, "f:replicas": {} } });
    assert.equal(difference(set, setOf(["f:status"])), set);
    assert.equal(union(set, noFields), set);
    assert.equal(union(set, setOf(["f:spec", "f:replicas"])), set);
    assert.deepEqual(difference(set, setOf(["f:spec"])), { "f:spec": { "f:replicas": LEAF } });
  });
});

describe("fieldsV1", () => {
  it("is read into its one form; what a later version may know is left out", () => {
    const read = readFieldsV1({
      "f:a": { ".": {} },
      'k:{"b":1,"a":"x"}': { "f:c": {} },
      "x:later": {},
      "v: 7 ": {},
      "i:007": {},
    });
    assert.deepEqual(read, { "f:a": {}, 'k:{"a":"x","b":1}': { "f:c": {} }, "v:7": {}, "i:7": {} });
    assert.deepEqual(readFieldsV1(null), {});
    assert.deepEqual(readFieldsV1({ "f:__proto__": {}, "f:": {} }), { "f:__proto__": {}, "f:": {} });
  });

  const hostile: unknown[] = [
    7,
    "x",
    [],
    { a: {} },
    { "": {} },
    { "f:a": 1 },
    { "f:a": null },
    { "k:[]": {} },
    { "k:x": {} },
  ];
  for (const value of [...hostile, { "v:": {} }, { "i:x": {} }, { "f:a": { ".": 1 } }]) {
    it(`is not ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => readFieldsV1(value),
        (error) => error instanceof TypeError || error instanceof SyntaxError,
      );
    });
  }

  it("is no set when a value or a key in it is nested deeper than any body", () => {
    const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    assert.deepEqual(readFieldsV1({ [`v:${nested(64)}`]: {} }), { [`v:${nested(64)}`]: {} });
    for (const levels of [65, 100_000]) {
      for (const element of [`v:${nested(levels)}`, `k:{"a":${nested(levels)}}`])
        assert.throws(() => readFieldsV1({ [element]: {} }), TypeError);
    }
  });

  it("names its paths as Kubernetes does", () => {
    const path = ["f:spec", 'k:{"name":"A","port":80}', 'v:"x"', "i:2", "f:a.b/c"];
    assert.equal(showPath(path), '.spec[name="A",port=80][="x"][2].a.b/c');
  });
});
