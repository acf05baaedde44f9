import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ProbeCounts } from "../../../../cmd/wctld/metrics/probe-counts.ts";

const ok = { outcome: "success", message: "" } as const;
const bad = { outcome: "failure", message: "no" } as const;

describe("ProbeCounts", () => {
  it("counts answers and their time by probe", () => {
    const counts = new ProbeCounts(() => true);
    counts.count("a", "liveness", ok, 0.5);
    counts.count("a", "liveness", bad, 0.25);
    counts.count("a", "liveness", { ...bad, errored: true }, 0);
    counts.count("a", "readiness", ok, 2);
    assert.deepEqual(counts.get("a")?.get("liveness"), { success: 1, failure: 1, error: 1, seconds: 0.75 });
    assert.equal(counts.get("b"), undefined);
    const totals = counts.durations().samples.filter(({ suffix }) => suffix === "_count");
    assert.deepEqual(totals, [
      { suffix: "_count", labels: 'probe="liveness"', value: 3 },
      { suffix: "_count", labels: 'probe="readiness"', value: 1 },
    ]);
  });

  it("forgets Instances that are gone, though nobody scrapes", () => {
    const known = new Set(["stays"]);
    const counts = new ProbeCounts((uid) => known.has(uid));
    counts.count("stays", "liveness", ok, 1);
    for (let index = 0; index < 1_000; index++) counts.count(`gone-${index}`, "liveness", ok, 1);
    assert.ok(counts.get("stays"));
    const kept = Array.from({ length: 1_000 }, (_, index) => counts.get(`gone-${index}`)).filter(Boolean).length;
    assert.ok(kept <= 64, `${kept} kept`);
  });
});
