import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { editScript, unifiedDiff } from "../../lib/unified-diff.ts";
import { repeats } from "../repeats.ts";

/** Length of the longest common subsequence, by the textbook's table. */
function common(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i]![j] = a[i - 1] === b[j - 1] ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!);
    }
  }
  return table[a.length]![b.length]!;
}

const side = (script: ReturnType<typeof editScript>, without: string): string[] =>
  script.filter(({ op }) => op !== without).map(({ line }) => line);

describe("editScript", () => {
  it("leads from one text to the other, and is as short as can be", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const script = editScript(before, after);
        assert.deepEqual(side(script, "+"), before);
        assert.deepEqual(side(script, "-"), after);
        assert.equal(script.filter(({ op }) => op === " ").length, common(before, after));
      }),
      { numRuns: repeats(1500) },
    );
  });

  it("replaces all of it when everything differs in large texts", () => {
    const before = Array.from({ length: 20_000 }, (_, n) => `a${n}`);
    const after = Array.from({ length: 20_000 }, (_, n) => `b${n}`);
    const script = editScript(["same", ...before], ["same", ...after]);
    assert.deepEqual(side(script, "+"), ["same", ...before]);
    assert.deepEqual(side(script, "-"), ["same", ...after]);
  });
});

describe("unifiedDiff", () => {
  const numbers = Array.from({ length: 20 }, (_, n) => String(n + 1));

  it("prints what diff -u prints", () => {
    const changed = numbers.map((line) => (line === "5" ? "five" : line)).filter((line) => line !== "16");
    assert.deepEqual(unifiedDiff(numbers, changed), [
      "@@ -2,7 +2,7 @@",
      " 2",
      " 3",
      " 4",
      "-5",
      "+five",
      " 6",
      " 7",
      " 8",
      "@@ -13,7 +13,6 @@",
      " 13",
      " 14",
      " 15",
      "-16",
      " 17",
      " 18",
      " 19",
    ]);
    assert.deepEqual(unifiedDiff([], ["a"]), ["@@ -0,0 +1 @@", "+a"]);
    assert.deepEqual(unifiedDiff(["a"], []), ["@@ -1 +0,0 @@", "-a"]);
    assert.deepEqual(unifiedDiff(["a", "b"], ["a", "b", "c"]), ["@@ -1,2 +1,3 @@", " a", " b", "+c"]);
    assert.deepEqual(unifiedDiff(numbers, numbers), []);
  });
});
