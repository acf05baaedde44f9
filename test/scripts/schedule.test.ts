import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { longestFirst, mayBegin, type Room } from "../../scripts/test/schedule.ts";

describe("the schedule of test files", () => {
  const rows: [what: string, room: Room, may: boolean][] = [
    ["nothing runs yet on a busy machine", { running: 0, processors: 1, idle: 0 }, true],
    ["as many as processors run on a busy machine", { running: 2, processors: 2, idle: 0 }, false],
    ["fewer than that", { running: 3, processors: 4, idle: 0 }, true],
    ["what runs waits", { running: 5, processors: 2, idle: 1.5 }, true],
    ["what runs waits, but is much", { running: 8, processors: 2, idle: 2 }, false],
  ];
  for (const [what, room, may] of rows) {
    it(`${may ? "begins" : "does not begin"} another when ${what}`, () => assert.equal(mayBegin(room), may));
  }

  it("takes the longest first, by the times of the last run or else by what is said to be slow", () => {
    const seconds = new Map([
      ["short", 0.1],
      ["long", 60],
      ["longer", 90],
    ]);
    const files = ["a", "b", "long", "longer", "short", "slow"];
    const ordered = longestFirst(files, (file) => file === "slow", seconds);
    assert.deepEqual(ordered, ["longer", "long", "slow", "a", "b", "short"]);
  });
});
