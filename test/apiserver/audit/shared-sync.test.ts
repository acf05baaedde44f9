import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SharedSync } from "../../../apiserver/audit/shared-sync.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

function setUp() {
  const clock = new FakeClock();
  const begun: PromiseWithResolvers<void>[] = [];
  const shared = new SharedSync(() => {
    const sync = Promise.withResolvers<void>();
    begun.push(sync);
    return sync.promise;
  }, clock);
  return { clock, begun, shared };
}

describe("a sync that is shared", () => {
  it("is begun once for all who wait, and settles for all of them", async () => {
    const { begun, shared, clock } = setUp();
    const waiting = [shared.next, shared.next];
    assert.equal(begun.length, 0, "nobody has begun it");
    shared.begin();
    shared.begin();
    assert.equal(begun.length, 1);
    begun[0]?.resolve();
    await Promise.all(waiting);
    assert.equal(clock.pending, 0);
  });

  it("is not for who comes after it has begun: his line may not be in it", async () => {
    const { begun, shared } = setUp();
    const first = shared.next;
    shared.begin();
    const second = shared.next;
    assert.notEqual(first, second);
    shared.begin();
    begun[1]?.resolve();
    await second;
    begun[0]?.reject(new Error("EIO"));
    await assert.rejects(first, /EIO/);
  });

  it("is begun by who gives up waiting for the store, unless it has begun", () => {
    const { begun, shared } = setUp();
    const first = shared.next;
    shared.begin(first);
    assert.equal(begun.length, 1);
    void shared.next;
    shared.begin(first);
    assert.equal(begun.length, 1, "that of the others has time");
  });

  it("is begun by itself when what was begun takes long", async () => {
    const { begun, shared, clock } = setUp();
    const session = shared.next;
    clock.advance(1_000);
    assert.equal(begun.length, 1);
    begun[0]?.resolve();
    await session;
    assert.equal(clock.pending, 0);
  });
});
