import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Settling } from "../../lib/settling.ts";
import { FakeClock } from "./fake-clock.ts";

describe("Settling", () => {
  it("waits until content has stayed as it is for its time", () => {
    const clock = new FakeClock();
    const settling = new Settling(clock);
    assert.equal(settling.leftMs("a", 2_000, false), 2_000);
    clock.advance(1_500);
    assert.equal(settling.leftMs("a", 2_000, false), 500);
    assert.equal(settling.leftMs("b", 2_000, false), 2_000, "it has changed again");
    clock.advance(2_000);
    assert.equal(settling.leftMs("b", 2_000, false), 0);
  });

  it("loses patience with what never rests, but not while a rollout is under way", () => {
    const clock = new FakeClock();
    for (const isRolling of [false, true]) {
      const settling = new Settling(clock);
      for (let edit = 0; edit < 20; edit++) {
        assert.ok(settling.leftMs(`a${edit}`, 2_000, isRolling) > 0);
        clock.advance(1_000);
      }
      assert.equal(settling.leftMs("last", 2_000, isRolling), isRolling ? 2_000 : 0);
    }
  });

  it("begins anew after a rest", () => {
    const clock = new FakeClock();
    const settling = new Settling(clock);
    settling.leftMs("a", 2_000, false);
    settling.rest();
    clock.advance(60_000);
    assert.equal(settling.leftMs("a", 2_000, false), 2_000);
  });

  it("takes what need not settle at once", () => {
    assert.equal(new Settling(new FakeClock()).leftMs("a", 0, true), 0);
  });
});
