import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { lowerBound } from "../../lib/lower-bound.ts";

describe("lowerBound", () => {
  it("finds the first of a sorted array, as a walk from the beginning does", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30)), fc.nat(30), (numbers, wanted) => {
        const sorted = numbers.toSorted((a, b) => a - b);
        const first = sorted.findIndex((number) => number >= wanted);
        assert.equal(
          lowerBound(sorted.length, (at) => sorted[at]! >= wanted),
          first === -1 ? sorted.length : first,
        );
      }),
    );
  });
});
