import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limitsOf } from "../../../../controllers/process/rollout/limits.ts";
import { aProcess } from "../objects.ts";

type Value = number | string;
const cases: [replicas: number, maxUnavailable: Value, maxSurge: Value, expected: [number, number]][] = [
  [4, 1, 0, [1, 0]],
  [4, "25%", "25%", [1, 1]],
  [3, "25%", "25%", [0, 1]],
  [10, "33%", "33%", [3, 4]],
  [4, 0, 0, [1, 0]],
  [3, "10%", 0, [1, 0]],
  [0, "50%", "50%", [1, 0]],
  [2, "100%", "100%", [2, 2]],
  [2, 5, 5, [5, 5]],
];

describe("limitsOf", () => {
  for (const [replicas, maxUnavailable, maxSurge, [unavailable, surge]] of cases) {
    it(`${replicas} replicas, unavailable ${maxUnavailable}, surge ${maxSurge}`, () => {
      const { spec } = aProcess({ replicas, strategy: { rollingUpdate: { maxUnavailable, maxSurge } } });
      assert.deepEqual(limitsOf(spec), { maxUnavailable: unavailable, maxSurge: surge });
    });
  }

  it("is one unavailable and no surge when nothing is said", () => {
    assert.deepEqual(limitsOf(aProcess().spec), { maxUnavailable: 1, maxSurge: 0 });
  });
});
