import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BOOKMARK_MS, BookmarkedEvents } from "../../../apiserver/registry/bookmarks.ts";
import type { StoreEvent } from "../../../store/store.ts";
import { FakeClock, settle } from "../../lib/fake-clock.ts";

/** A source that answers when the test says so. */
function source() {
  const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<StoreEvent>>();
  let asked = 0;
  const next = (): Promise<IteratorResult<StoreEvent>> => {
    asked++;
    return promise;
  };
  return { events: { next }, resolve, reject, asked: () => asked };
}
const event = { type: "ADDED", revision: 9 } as StoreEvent;

describe("bookmarks", () => {
  it("ask the source once, however many minutes go by", async () => {
    const { events, resolve, asked } = source();
    const clock = new FakeClock();
    const reader = new BookmarkedEvents(events, clock, () => 5);
    for (let minute = 0; minute < 3; minute++) {
      const next = reader.next();
      await clock.advanceAsync(BOOKMARK_MS);
      assert.deepEqual(await next, { done: false, value: { type: "BOOKMARK", resourceVersion: "5" } });
    }
    resolve({ done: false, value: event });
    assert.equal((await reader.next()).value, event);
    assert.equal(asked(), 1);
    assert.equal(clock.pending, 0);
  });

  it("give way to an event that comes in the same turn: its revision is not passed over", async () => {
    const { events, resolve } = source();
    const clock = new FakeClock();
    const reader = new BookmarkedEvents(events, clock, () => 9);
    const next = reader.next();
    await settle();
    clock.advance(BOOKMARK_MS);
    resolve({ done: false, value: event });
    assert.equal((await next).value, event);
  });

  it("hand on the end and the failure of the source", async () => {
    const ended = source();
    ended.resolve({ done: true, value: undefined });
    assert.equal((await new BookmarkedEvents(ended.events, new FakeClock(), () => 1).next()).done, true);
    const broken = source();
    broken.reject(new Error("too slow"));
    await assert.rejects(new BookmarkedEvents(broken.events, new FakeClock(), () => 1).next(), /too slow/);
  });
});
