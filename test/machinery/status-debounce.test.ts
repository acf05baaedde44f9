import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusDebounce } from "../../machinery/status-debounce.ts";
import { FakeClock } from "../lib/fake-clock.ts";

describe("a status", () => {
  it("waits while there is more to do, but not for ever", () => {
    const clock = new FakeClock();
    let busy = true;
    const debounce = new StatusDebounce(clock, () => busy);
    assert.ok(debounce.waitMs("a"));
    clock.advance(900);
    assert.ok(debounce.waitMs("a"), "a second is not over");
    assert.ok(debounce.waitMs("b"), "each key has its own time");
    clock.advance(100);
    assert.equal(debounce.waitMs("a"), undefined);
    assert.ok(debounce.waitMs("a"), "the next report of the same key begins anew");
    busy = false;
    assert.equal(debounce.waitMs("a"), undefined);
    assert.equal(debounce.waitMs("b"), undefined);
  });
});
