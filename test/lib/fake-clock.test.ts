import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep } from "../../lib/clock.ts";
import { FakeClock } from "./fake-clock.ts";

test("timers fire in order of due time, ties in order of arming", () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  clock.after(20, () => fired.push(`c@${clock.now()}`));
  clock.after(10, () => fired.push(`a@${clock.now()}`));
  clock.after(10, () => fired.push(`b@${clock.now()}`));
  clock.advance(15);
  assert.deepEqual(fired, ["a@10", "b@10"]);
  assert.equal(clock.now(), 15);
  assert.equal(clock.nextIn, 5);
  clock.advance(5);
  assert.deepEqual(fired, ["a@10", "b@10", "c@20"]);
});

test("a timer armed by a timer fires in the same advance when it comes due", () => {
  const clock = new FakeClock();
  let ticks = 0;
  const tick = (): void => {
    ticks++;
    clock.after(10, tick);
  };
  clock.after(10, tick);
  clock.advance(100);
  assert.equal(ticks, 10);
  assert.equal(clock.pending, 1);
});

test("cancelled timers stay silent; wall and monotonic move together unless the wall jumps", () => {
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  clock.after(5, () => assert.fail("cancelled")).cancel();
  clock.advance(1000);
  assert.equal(clock.wall().toISOString(), "2026-01-01T00:00:01.000Z");
  clock.jumpWall(-3_600_000);
  assert.equal(clock.now(), 1000);
  assert.equal(clock.wall().toISOString(), "2025-12-31T23:00:01.000Z");
});

test("advanceAsync lets sleepers loop", async () => {
  const clock = new FakeClock();
  const seen: number[] = [];
  const loop = (async () => {
    for (let turn = 0; turn < 4; turn++) {
      await sleep(clock, 250);
      seen.push(clock.now());
    }
  })();
  await clock.advanceAsync(1000);
  await loop;
  assert.deepEqual(seen, [250, 500, 750, 1000]);
});
