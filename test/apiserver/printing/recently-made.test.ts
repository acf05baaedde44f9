import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RecentlyMade } from "../../../apiserver/printing/recently-made.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

const MINUTE = 60_000;

function remembering(most: number): { made: RecentlyMade<string>; clock: FakeClock } {
  const clock = new FakeClock();
  return { made: new RecentlyMade<string>({ most, sizeOf: (text) => text.length, clock }), clock };
}

describe("what was made of Objects recently", () => {
  it("is there as long as somebody asks for it, however long that is", () => {
    const { made, clock } = remembering(100);
    const object = {};
    made.set(object, "text");
    for (let seconds = 0; seconds < 300; seconds += 10) {
      assert.equal(made.get(object), "text", `after ${seconds} s`);
      clock.advance(10_000);
    }
  });

  it("goes when nobody has asked for a while, and is there again when it was made again", () => {
    const { made, clock } = remembering(100);
    const object = {};
    made.set(object, "text");
    made.get(object);
    clock.advance(MINUTE);
    assert.equal(made.get(object), undefined);
    made.set(object, "again");
    assert.equal(made.get(object), "again");
    clock.advance(MINUTE);
    assert.equal(made.get(object), undefined);
  });

  it("takes no more than it may: the oldest goes", () => {
    const { made } = remembering(100);
    const objects = Array.from({ length: 30 }, () => ({}));
    for (const object of objects) made.set(object, "0123456789");
    const kept = objects.map((object) => made.get(object) !== undefined);
    assert.ok(kept.filter(Boolean).length <= 10);
    assert.ok(kept.filter(Boolean).length >= 5, "half of it at least is used");
    assert.deepEqual(kept, kept.toSorted(), "the first ones are gone, the last ones there");
  });

  it("keeps nothing beside what alone is too large", () => {
    const { made } = remembering(100);
    const [large, small] = [{}, {}];
    for (let turn = 0; turn < 3; turn++) made.set(large, "x".repeat(200));
    made.set(small, "x");
    made.set({}, "x".repeat(60));
    assert.equal(made.get(large), undefined);
  });
});
