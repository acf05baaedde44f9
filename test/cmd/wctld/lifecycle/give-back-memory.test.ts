import assert from "node:assert/strict";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { it } from "node:test";
import { runInNewContext } from "node:vm";
import { giveBackMemory } from "../../../../cmd/wctld/lifecycle/give-back-memory.ts";
import { eventually } from "../../../eventually.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

const { NODE_PERFORMANCE_GC_FLAGS_FORCED: FORCED, NODE_PERFORMANCE_GC_MINOR: MINOR } = constants;

it("collects young objects a dozen times after a burst, and leaves no flag of V8 behind", async () => {
  const clock = new FakeClock(new Date());
  const seen = { ofV8: 0, forced: [] as number[] };
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as { detail: { kind: number; flags: number } }[] & PerformanceEntry[]) {
      if (detail.flags & FORCED) seen.forced.push(detail.kind);
      else seen.ofV8++;
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  const stop = giveBackMemory(clock);
  try {
    burst();
    await eventually(() => seen.ofV8 > 0, "V8 has collected");
    clock.advance(10_000);
    await eventually(() => seen.forced.length >= 12, "collections of ours");
    assert.deepEqual(seen.forced, Array(12).fill(MINOR));
    assert.equal(runInNewContext("typeof gc"), "undefined");
  } finally {
    stop();
    observer.disconnect();
  }
});

/** So much that lives on that V8 makes its young generation as large as it ever does. */
function burst(): void {
  const kept: object[] = [];
  for (let count = 0; count < 500_000; count++) kept.push({ count, list: [count] });
  assert.equal(kept.length, 500_000);
}
