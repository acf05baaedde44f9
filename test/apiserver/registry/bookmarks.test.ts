import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WatchEvent } from "../../../api/client.ts";
import { BOOKMARK_MS, BookmarkedEvents } from "../../../apiserver/registry/bookmarks.ts";
import type { StoreEvent, Watching } from "../../../store/store.ts";
import { FakeClock, settle } from "../../lib/fake-clock.ts";
import { watchingOf } from "../../store/watching-of.ts";

/** A source that answers when the test says so. */
function source() {
  const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<StoreEvent>>();
  let asked = 0;
  const next = (): Promise<IteratorResult<StoreEvent>> => {
    asked++;
    return promise;
  };
  return { events: watchingOf({ next }), resolve, reject, asked: () => asked };
}
const event = { type: "ADDED", revision: 9, object: {} } as StoreEvent;
const seen = { type: "ADDED", object: {} } as WatchEvent;
const seesAll = (): WatchEvent => seen;
const seesNothing = (): undefined => undefined;

/** A source with an event whenever it is asked, of revision 1, 2, ... */
function flood() {
  let revision = 0;
  const next = async (): Promise<IteratorResult<StoreEvent>> => {
    await new Promise((resolve) => setImmediate(resolve));
    return { done: false, value: { type: "ADDED", revision: ++revision } as StoreEvent };
  };
  return { events: watchingOf({ next }), revision: () => revision };
}

describe("bookmarks", () => {
  it("ask the source once, however many minutes go by", async () => {
    const { events, resolve, asked } = source();
    const clock = new FakeClock();
    const reader = new BookmarkedEvents(events, seesAll, clock, () => 5);
    for (let minute = 0; minute < 3; minute++) {
      const next = reader.next();
      await clock.advanceAsync(BOOKMARK_MS);
      assert.deepEqual(await next, { done: false, value: { type: "BOOKMARK", resourceVersion: "5" } });
    }
    resolve({ done: false, value: event });
    assert.equal((await reader.next()).value, seen);
    assert.equal(asked(), 1);
    await reader.return();
    assert.equal(clock.pending, 0);
  });

  it("come on time while everything that happens is filtered away, and say how far that went (P14)", async () => {
    const clock = new FakeClock();
    const all = flood();
    const reader = new BookmarkedEvents(all.events, seesNothing, clock, all.revision);
    for (let minute = 0; minute < 3; minute++) {
      const next = reader.next();
      await settle();
      clock.advance(BOOKMARK_MS);
      const { value } = await next;
      assert.equal(value.type, "BOOKMARK");
      assert.ok(Number(value.resourceVersion) > minute);
    }
  });

  it("come on time while something is seen all the time", async () => {
    const clock = new FakeClock();
    const all = flood();
    const reader = new BookmarkedEvents(all.events, seesAll, clock, all.revision);
    const types: string[] = [];
    for (let n = 0; n < 10; n++) {
      types.push((await reader.next()).value.type);
      clock.advance(BOOKMARK_MS / 2);
    }
    assert.equal(types.join(" "), "ADDED ADDED BOOKMARK ADDED BOOKMARK ADDED BOOKMARK ADDED BOOKMARK ADDED");
  });

  it("give way to an event that comes in the same turn: its revision is not passed over", async () => {
    const { events, resolve } = source();
    const clock = new FakeClock();
    const reader = new BookmarkedEvents(events, seesAll, clock, () => 9);
    const next = reader.next();
    await settle();
    clock.advance(BOOKMARK_MS);
    resolve({ done: false, value: event });
    assert.equal((await next).value, seen);
  });

  it("hand on the end and the failure of the source", async () => {
    const ended = source();
    ended.resolve({ done: true, value: undefined });
    assert.equal((await new BookmarkedEvents(ended.events, seesAll, new FakeClock(), () => 1).next()).done, true);
    const broken = source();
    broken.reject(new Error("too slow"));
    await assert.rejects(new BookmarkedEvents(broken.events, seesAll, new FakeClock(), () => 1).next(), /too slow/);
  });

  it("are not passed over by who takes what is there: nothing is, while a question is open or a bookmark is due", async () => {
    const clock = new FakeClock();
    const { promise, resolve } = Promise.withResolvers<IteratorResult<StoreEvent>>();
    const later = { ...event, revision: 10 };
    const there = [event, later];
    const reader = new BookmarkedEvents(watchingOf({ next: () => promise }, there), seesAll, clock, () => 8);
    const next = reader.next();
    assert.equal(reader.nextNow(), undefined, "the question has the first one");
    await settle();
    clock.advance(BOOKMARK_MS);
    assert.deepEqual((await next).value, { type: "BOOKMARK", resourceVersion: "8" });
    assert.equal(reader.nextNow(), undefined, "the question still is open");
    resolve({ done: false, value: event });
    assert.equal((await reader.next()).value, seen);
    assert.equal(reader.nextNow(), seen);
    clock.advance(BOOKMARK_MS);
    assert.equal(reader.nextNow(), undefined);
    assert.deepEqual((await reader.next()).value, { type: "BOOKMARK", resourceVersion: "9" });
    assert.equal(reader.nextNow(), seen);
    assert.equal(reader.nextNow(), undefined);
  });

  it("wake who waits without a question: for an event, for a bookmark, and while a question is open", async () => {
    const clock = new FakeClock();
    const { promise, resolve } = Promise.withResolvers<IteratorResult<StoreEvent>>();
    const there: StoreEvent[] = [];
    let heard = (): void => {};
    const events = {
      ...watchingOf({ next: () => promise }, there),
      whenMore: (listener: () => void) => (heard = listener),
    };
    const reader = new BookmarkedEvents(events as Watching<StoreEvent>, seesAll, clock, () => 8);
    let woken = 0;
    const wait = (): void => reader.whenMore(() => woken++);
    wait();
    there.push(event);
    heard();
    assert.deepEqual([woken, reader.nextNow()], [1, seen]);
    wait();
    clock.advance(BOOKMARK_MS);
    assert.deepEqual([woken, reader.nextNow()], [2, undefined]);
    assert.equal((await reader.next()).value?.type, "BOOKMARK", "of what it has passed");
    clock.advance(BOOKMARK_MS);
    assert.equal((await reader.next()).value?.type, "BOOKMARK", "for which a question was asked");
    woken = 0;
    wait();
    assert.equal(woken, 0);
    resolve({ done: false, value: event });
    await settle();
    assert.deepEqual([woken, reader.nextNow()], [1, undefined]);
    assert.equal((await reader.next()).value, seen);
  });

  it("leave out of what is there what is not selected", () => {
    const there = [event, { ...event, revision: 10 }];
    const shown = (one: StoreEvent): WatchEvent | undefined => (one.revision === 10 ? seen : undefined);
    const reader = new BookmarkedEvents(watchingOf(source().events, there), shown, new FakeClock(), () => 10);
    assert.deepEqual([reader.nextNow(), reader.nextNow()], [seen, undefined]);
  });
});
