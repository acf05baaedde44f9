import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DependencyGraph } from "../../../../controllers/process/dependencies/dependency-graph.ts";

const graphOf = (edges: Record<string, string[]>): DependencyGraph => {
  const graph = new DependencyGraph();
  for (const [name, others] of Object.entries(edges)) graph.set(name, others);
  return graph;
};

/** Counts how often it is looked through. */
class Counted extends Array<string> {
  static looks = 0;
  override [Symbol.iterator](): ArrayIterator<string> {
    Counted.looks++;
    return super[Symbol.iterator]();
  }
}

describe("cycles of dependencies", () => {
  it("are found with the way back, also to itself", () => {
    assert.deepEqual(graphOf({ a: ["a"] }).cycleThrough("a"), ["a", "a"]);
    const graph = graphOf({ a: ["x", "b"], x: [], b: ["c"], c: ["a"] });
    assert.deepEqual(graph.cycleThrough("a"), ["a", "b", "c", "a"]);
    assert.deepEqual(graph.cycleThrough("c"), ["c", "a", "b", "c"]);
    assert.equal(graph.cycleThrough("x"), undefined);
  });

  it("are not a dependency that two share, nor what leads to a cycle of others or comes from one", () => {
    assert.equal(graphOf({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] }).cycleThrough("a"), undefined);
    const graph = graphOf({ a: ["b"], b: ["c"], c: ["b", "d"] });
    assert.equal(graph.cycleThrough("a"), undefined);
    assert.equal(graph.cycleThrough("d"), undefined);
    assert.deepEqual(graph.cycleThrough("b"), ["b", "c", "b"]);
  });

  it("begin and end with an edge, and who is concerned is told", () => {
    const graph = graphOf({ a: ["b"], b: ["c"], x: ["a"] });
    assert.deepEqual(graph.set("c", ["a"]).sort(), ["a", "b", "c"]);
    assert.deepEqual(graph.set("y", ["x"]), [], "the cycle is none of its business");
    assert.deepEqual(graph.set("b", ["c", "a"]).sort(), ["a", "b", "c"], "a shorter way back for two of them");
    assert.deepEqual(graph.set("c", []).sort(), ["c"].concat(graph.cycleThrough("a") ? [] : ["a", "b"]));
    assert.deepEqual(graph.cycleThrough("a"), ["a", "b", "a"]);
    assert.deepEqual(graph.set("a", []).sort(), ["a", "b"]);
    assert.equal(graph.cycleThrough("b"), undefined);
  });

  it("of a large tangle are found too", () => {
    const names = Array.from({ length: 2_000 }, (_, n) => `p${n}`);
    const graph = new DependencyGraph();
    for (const name of names) graph.set(name, ["hub"]);
    graph.set("hub", names);
    for (const name of names) assert.ok(graph.cycleThrough(name), name);
  });
});

describe("chains of dependencies", () => {
  const orders: [order: string, of: (names: number[]) => number[]][] = [
    ["from the first", (names) => names],
    ["from the last", (names) => names.toReversed()],
    [
      "the even ones, then the odd ones",
      (names) => [...names.filter((n) => n % 2 === 0), ...names.filter((n) => n % 2 === 1)],
    ],
  ];
  for (const [order, of] of orders) {
    it(`of any length cost a look or two at each, made ${order}`, () => {
      const length = 20_000;
      const graph = new DependencyGraph();
      Counted.looks = 0;
      for (const n of of([...Array(length).keys()])) graph.set(`p${n}`, Counted.of(`p${n + 1}`) as Counted);
      assert.ok(Counted.looks < 20 * length, `${Counted.looks} looks at ${length} Processes`);
      assert.equal(graph.cycleThrough("p0"), undefined);
      assert.equal(graph.set(`p${length}`, ["p0"]).length, length + 1, "closed, they are all in a cycle");
      assert.equal(graph.cycleThrough("p5")?.length, length + 2);
    });
  }
});
