import assert from "node:assert/strict";
import { it } from "node:test";
import { Quiet } from "../../lib/quiet.ts";
import { FakeClock } from "./fake-clock.ts";

it("quiet is long enough when nothing has broken it, and never when nobody waits any more", async () => {
  const clock = new FakeClock(new Date());
  const [one, other] = [new Quiet(clock, 1_000), new Quiet(clock, 1_000)];
  const over: string[] = [];
  void one.longEnough.then(() => over.push("one"));
  void other.longEnough.then(() => over.push("other"));
  await clock.advanceAsync(900);
  one.broken();
  other.close();
  await clock.advanceAsync(999);
  assert.deepEqual(over, []);
  await clock.advanceAsync(1);
  assert.deepEqual(over, ["one"]);
});
