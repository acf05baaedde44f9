import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HoldBack } from "../../machinery/status-debounce.ts";
import { FakeClock } from "../lib/fake-clock.ts";

describe("a report", () => {
  it("waits while there is more to do, but not for ever", () => {
    const clock = new FakeClock();
    let busy = true;
    const held = new HoldBack(clock, () => busy);
    assert.ok(held.waitMs("a"));
    clock.advance(900);
    assert.ok(held.waitMs("a"), "a second is not over");
    assert.ok(held.waitMs("b"), "each key has its own time");
    clock.advance(100);
    assert.equal(held.waitMs("a"), undefined);
    assert.ok(held.waitMs("a"), "the next report of the same key begins anew");
    busy = false;
    assert.equal(held.waitMs("a"), undefined);
    assert.equal(held.waitMs("b"), undefined);
  });
});
