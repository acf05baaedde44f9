import assert from "node:assert/strict";
import { it } from "node:test";
import { isFairShare } from "../../lib/fair-share.ts";

it("one takes half at most, the next half of the rest, and so on", () => {
  const taken: number[] = [];
  let all = 0;
  for (let user = 0; user < 8; user++) {
    let mine = 0;
    for (; isFairShare(mine, all, 100); mine++) all++;
    taken.push(mine);
  }
  assert.deepEqual(taken, [50, 25, 13, 6, 3, 2, 1, 0]);
});

it("the only place is for who comes first", () => {
  assert.deepEqual([isFairShare(0, 0, 1), isFairShare(0, 1, 1), isFairShare(1, 1, 1)], [true, false, false]);
});
