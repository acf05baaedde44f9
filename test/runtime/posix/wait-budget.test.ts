import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStat } from "../../../runtime/posix/process/proc.ts";
import { WaitBudget } from "../../../runtime/posix/process/wait-budget.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

describe("processes that their user holds up in the middle of an exec", () => {
  const taken = (budget: WaitBudget, user: number): number => {
    let count = 0;
    while (count < 10_000 && budget.take(user)) count++;
    return count;
  };

  it("cost the daemon a bounded time, however many they are (P22)", () => {
    const clock = new FakeClock();
    const budget = new WaitBudget(clock);
    assert.equal(taken(budget, 1), 500);
    clock.advance(1000);
    assert.equal(taken(budget, 1), 50);
    clock.advance(3_600_000);
    assert.equal(taken(budget, 1), 500);
  });

  it("leave the time that there is for others", () => {
    const budget = new WaitBudget(new FakeClock());
    taken(budget, 1);
    assert.equal(taken(budget, 2), 500);
  });

  it("are told from those that are ending and never have an environment again", () => {
    const stat = (flags: number) =>
      parseStat(`7 (a b) D 1 7 7 0 -1 ${flags} ${Array.from({ length: 43 }, () => "0").join(" ")}`);
    assert.equal(stat(0x400044)?.exiting, true);
    assert.equal(stat(0x400040)?.exiting, false);
  });
});
