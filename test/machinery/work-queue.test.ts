import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { WorkQueue } from "../../machinery/work-queue.ts";
import { FakeClock, settle } from "../lib/fake-clock.ts";
import { repeats } from "../repeats.ts";

const never = new AbortController().signal;
const setUp = (options = {}): { clock: FakeClock; queue: WorkQueue } => {
  const clock = new FakeClock();
  return { clock, queue: new WorkQueue({ clock, ...options }) };
};

/** Everything that can be taken now, given back at once. */
async function take(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.depth > 0) {
    const item = await queue.next(never);
    keys.push(item.key);
    item.done();
  }
  return keys;
}

describe("WorkQueue", () => {
  it("hands keys out in the order they came, each once", async () => {
    const { queue } = setUp();
    for (const key of ["a", "b", "a", "c", "b"]) queue.add(key);
    assert.deepEqual(await take(queue), ["a", "b", "c"]);
  });

  it("counts what was added, what came again after a failure, and what waited", async () => {
    const { clock, queue } = setUp();
    for (const key of ["a", "b", "a"]) queue.add(key);
    clock.advance(100);
    const item = await queue.next(never);
    queue.add("a");
    item.done();
    await take(queue);
    queue.addRateLimited("a");
    clock.advance(5);
    await take(queue);
    const { adds, retries, taken, waitedMs } = queue.statistics();
    assert.deepEqual({ adds, retries, taken, waitedMs }, { adds: 4, retries: 1, taken: 4, waitedMs: 200 });
  });

  it("gives a key to one worker at a time and hands it out again when it was added meanwhile", async () => {
    const { queue } = setUp();
    queue.add("a");
    const item = await queue.next(never);
    queue.add("a");
    queue.add("a");
    assert.equal(queue.depth, 0);
    item.done();
    item.done();
    assert.deepEqual(await take(queue), ["a"]);
  });

  it("wakes a worker that waits", async () => {
    const { queue } = setUp();
    const waiting = queue.next(never);
    queue.add("a");
    assert.equal((await waiting).key, "a");
  });

  it("rejects a waiting worker when its signal aborts, and gives the next key to somebody else", async () => {
    const { queue } = setUp();
    const aborter = new AbortController();
    const first = queue.next(aborter.signal);
    const second = queue.next(never);
    aborter.abort(new Error("stop"));
    await assert.rejects(first, /stop/);
    queue.add("a");
    assert.equal((await second).key, "a");
  });

  it("delays any number of keys with one timer, the sooner of two delays of a key", async () => {
    const { clock, queue } = setUp();
    for (let at = 1; at <= 500; at++) queue.addAfter(`k${at}`, at * 10);
    queue.addAfter("k500", 1);
    queue.addAfter("k500", 9_000);
    assert.equal(clock.pending, 1);
    clock.advance(1);
    assert.deepEqual(await take(queue), ["k500"]);
    clock.advance(4_999);
    assert.equal((await take(queue)).length, 499);
    assert.equal(clock.pending, 0);
  });

  it("forgets the delays of a key that is worked on, and keeps those that come during the work", async () => {
    const { clock, queue } = setUp();
    queue.addAfter("a", 50);
    queue.add("a");
    const item = await queue.next(never);
    queue.addAfter("a", 100);
    item.done();
    clock.advance(99);
    assert.deepEqual(await take(queue), []);
    clock.advance(1);
    assert.deepEqual(await take(queue), ["a"]);
    assert.equal(clock.pending, 0);
  });

  it("doubles the delay of a failing key up to the limit, and starts over after forget", () => {
    const { clock, queue } = setUp({ baseDelayMs: 10, maxDelayMs: 50 });
    const delays = [1, 2, 3, 4, 5].map(() => {
      queue.addRateLimited("a");
      const delay = clock.nextIn;
      clock.advance(delay!);
      return delay;
    });
    assert.deepEqual(delays, [10, 20, 40, 50, 50]);
    queue.forget("a");
    queue.addRateLimited("a");
    assert.equal(clock.nextIn, 10);
  });

  it("lets healthy keys pass failing ones, and yet gives these a turn now and then (P16)", async () => {
    const { clock, queue } = setUp();
    for (const key of ["bad1", "bad2"]) queue.addRateLimited(key);
    clock.advance(5);
    for (let at = 0; at < 10; at++) queue.add(`good${at}`);
    const order = await take(queue);
    assert.deepEqual(order.slice(0, 5), ["good0", "good1", "good2", "good3", "bad1"]);
    assert.equal(order.length, 12);
  });

  it("counts a key among the failing ones while what it stands for fails, although the work on it succeeds (P16)", async () => {
    const failing = new Set(["loop1", "loop2"]);
    const { queue } = setUp({ isFailing: (key: string) => failing.has(key) });
    for (const key of ["loop1", "loop2", "good"]) queue.add(key);
    assert.deepEqual(await take(queue), ["good", "loop1", "loop2"]);
    failing.delete("loop2");
    for (const key of ["loop1", "loop2", "good"]) queue.add(key);
    assert.deepEqual(await take(queue), ["loop2", "good", "loop1"]);
  });

  it("keeps workers free for healthy keys however many keys fail slowly (P16)", async () => {
    const { clock, queue } = setUp({ maxActiveFailing: 2 });
    for (const key of ["a", "b", "c"]) queue.addRateLimited(key);
    clock.advance(5);
    const slow = [await queue.next(never), await queue.next(never)];
    const third = queue.next(never);
    queue.add("healthy");
    assert.equal((await third).key, "healthy");
    const fourth = queue.next(never);
    slow[0]!.done();
    assert.equal((await fourth).key, "c");
  });

  it("is idle when nothing waits and nothing is active", async () => {
    const { queue } = setUp();
    await queue.idle();
    queue.add("a");
    const order: string[] = [];
    const idle = queue.idle().then(() => order.push("idle"));
    const item = await queue.next(never);
    order.push("active");
    item.done();
    await idle;
    assert.deepEqual(order, ["active", "idle"]);
  });

  it("keeps a key in the line it waits in when it begins to fail meanwhile", async () => {
    const { clock, queue } = setUp();
    queue.add("a");
    queue.addRateLimited("a");
    clock.advance(10); // the delayed one comes while the first still waits
    assert.deepEqual(await take(queue), ["a"]);
  });

  it("loses no key and never hands one out twice at once, whatever the order of calls", async () => {
    const act = fc.oneof(
      fc.record({ do: fc.constantFrom("add", "retry", "forget", "after"), key: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ do: fc.constantFrom("take", "done", "tick"), key: fc.integer({ min: 0, max: 4 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
        const clock = new FakeClock();
        const queue = new WorkQueue<number>({ clock, maxActiveFailing: 2 });
        const active = new Map<number, { done(): void }>();
        const owed = new Set<number>();
        const take = async (): Promise<void> => {
          const aborter = new AbortController();
          const one = await Promise.race([
            queue.next(aborter.signal).catch(() => undefined),
            settle(1).then(() => undefined),
          ]);
          aborter.abort();
          if (!one) return;
          assert.ok(!active.has(one.key), "active twice");
          active.set(one.key, one);
          owed.delete(one.key);
        };
        for (const { do: what, key } of acts) {
          if (what === "add") queue.add(key);
          if (what === "retry") queue.addRateLimited(key);
          if (what === "after") queue.addAfter(key, 7);
          if (what === "forget") queue.forget(key);
          if (["add", "retry", "after"].includes(what)) owed.add(key);
          if (what === "tick") clock.advance(10);
          if (what === "take") await take();
          if (what === "done") {
            active.get(key)?.done();
            active.delete(key);
          }
        }
        clock.advance(1_000_000);
        for (const one of active.values()) one.done();
        active.clear();
        while (queue.depth > 0) {
          await take();
          for (const one of active.values()) one.done();
          active.clear();
        }
        assert.deepEqual([...owed], []);
      }),
      { numRuns: repeats(150) },
    );
  });
});
