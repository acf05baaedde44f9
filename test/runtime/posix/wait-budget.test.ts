import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStat } from "../../../runtime/posix/process/proc.ts";
import { Patience } from "../../../runtime/posix/process/wait-budget.ts";

describe("processes that their user holds up in the middle of an exec", () => {
  const taken = (patience: Patience, user: number): number => {
    let count = 0;
    while (count < 10_000 && patience.take(user)) count++;
    return count;
  };

  it("cost the daemon a bounded time, however many they are (P22)", () => {
    let now = 1000;
    const patience = new Patience(() => now);
    assert.equal(taken(patience, 1), 500);
    now += 1000;
    assert.equal(taken(patience, 1), 50);
    now += 3_600_000;
    assert.equal(taken(patience, 1), 500);
  });

  it("leave the time that there is for others", () => {
    const patience = new Patience(() => 0);
    taken(patience, 1);
    assert.equal(taken(patience, 2), 500);
  });

  it("are told from those that are ending and never have an environment again", () => {
    const stat = (flags: number) =>
      parseStat(`7 (a b) D 1 7 7 0 -1 ${flags} ${Array.from({ length: 43 }, () => "0").join(" ")}`);
    assert.equal(stat(0x400044)?.exiting, true);
    assert.equal(stat(0x400040)?.exiting, false);
  });
});
