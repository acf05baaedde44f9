import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { isExpired } from "../../api/errors.ts";
import { type Clock, systemClock, type Timer } from "../../lib/clock.ts";
import type { SeparateHistory } from "../../store/history/histories.ts";
import type { HistoryBudget } from "../../store/history/history.ts";
import type { Store, StoreEvent, StoreList, Watching } from "../../store/store.ts";
import { object, pathOf, revisionOf, specOf } from "./objects.ts";

export interface SmallLimits {
  history?: Partial<HistoryBudget>;
  apart?: readonly SeparateHistory[];
  clock?: Clock;
  watchBuffer?: number;
}

/** The system's clock, and as much as the test says. */
class MovedClock implements Clock {
  #ahead = 0;

  advance(ms: number): void {
    this.#ahead += ms;
  }
  now(): number {
    return systemClock.now() + this.#ahead;
  }
  wall(): Date {
    return systemClock.wall();
  }
  after(ms: number, callback: () => void): Timer {
    return systemClock.after(ms, callback);
  }
}

function freshToken(list: () => unknown): string {
  try {
    list();
  } catch (error) {
    assert.ok(isExpired(error));
    assert.match(error.message, /use the continue token in this response/);
    assert.equal(error.toStatus().metadata.continue, error.continue);
    return error.continue as string;
  }
  throw new assert.AssertionError({ message: "was not refused" });
}

/** Every promise in `store/store.ts` that needs no restart. `open` gives an empty store. */
export function storeContract(open: (limits: SmallLimits) => Promise<Store>): void {
  let store: Store;
  const stop = new Set<AbortController>();

  beforeEach(async () => {
    store = await open({});
  });
  afterEach(async () => {
    for (const one of stop) one.abort();
    stop.clear();
    await store.close();
  });

  const reopenWith = async (limits: SmallLimits): Promise<void> => {
    await store.close();
    store = await open(limits);
  };
  const watch = (prefix: string, after?: number): Watching<StoreEvent> => {
    const controller = new AbortController();
    stop.add(controller);
    const options = after === undefined ? {} : { after };
    return store.watch(prefix, { ...options, signal: controller.signal });
  };

  describe("writes", () => {
    it("takes the next revision for each write and stamps it", async () => {
      const first = await store.create(pathOf("a"), object("a"));
      const second = await store.create(pathOf("b"), object("b"));
      const third = await store.update(pathOf("a"), object("a", 1), revisionOf(first));
      const fourth = await store.delete(pathOf("b"), revisionOf(second));
      assert.deepEqual([first, second, third, fourth].map(revisionOf), [1, 2, 3, 4]);
      assert.equal(store.revision, 4);
    });

    it("resolves a deletion with the Object as it was, at the revision of the deletion", async () => {
      await store.create(pathOf("a"), object("a", "last words"));
      const gone = await store.delete(pathOf("a"), 1);
      assert.equal(specOf(gone), "last words");
      assert.equal(revisionOf(gone), 2);
      assert.equal(store.get(pathOf("a")), undefined);
    });

    it("refuses to create what exists, to change what does not, and what changed since it was read", async () => {
      await assert.rejects(store.update(pathOf("a"), object("a"), 1), { reason: "NotFound" });
      await assert.rejects(store.delete(pathOf("a"), 1), { reason: "NotFound" });
      await store.create(pathOf("a"), object("a"));
      await assert.rejects(store.create(pathOf("a"), object("a")), { reason: "AlreadyExists" });
      await assert.rejects(store.update(pathOf("a"), object("a"), 7), { reason: "Conflict" });
      await assert.rejects(store.delete(pathOf("a"), 0), { reason: "Conflict" });
      assert.equal(store.revision, 1, "a refused write takes no revision");
    });

    it("lets exactly one of many conflicting writers win", async () => {
      await store.create(pathOf("a"), object("a"));
      const writers = Array.from({ length: 20 }, (_, value) => store.update(pathOf("a"), object("a", value), 1));
      const results = await Promise.allSettled(writers);
      const won = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      const lost = results.flatMap((result) => (result.status === "rejected" ? [result.reason.reason] : []));
      assert.equal(won.length, 1);
      assert.deepEqual(new Set(lost), new Set(["Conflict"]));
      assert.deepEqual(store.get(pathOf("a")), won[0]);
    });

    it("lets exactly one of many creators win, and a path be created again after its deletion", async () => {
      const creators = Array.from({ length: 10 }, (_, value) => store.create(pathOf("a"), object("a", value)));
      const results = await Promise.allSettled(creators);
      assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
      await Promise.all([store.delete(pathOf("a"), 1), store.create(pathOf("a"), object("a", "again"))]);
      assert.equal(specOf(store.get(pathOf("a"))), "again");
      assert.equal(store.revision, 3);
    });

    it("keeps a frozen copy: neither the caller's object nor the kept one can be changed through the other", async () => {
      const mine = object("a", { deep: [1] });
      const kept = await store.create(pathOf("a"), mine);
      (specOf(mine) as { deep: number[] }).deep.push(2);
      assert.deepEqual(specOf(store.get(pathOf("a"))), { deep: [1] });
      assert.throws(() => (specOf(kept) as { deep: number[] }).deep.push(3), TypeError);
      assert.equal(Object.isFrozen(kept.metadata), true);
      assert.equal("resourceVersion" in mine.metadata, false);
    });

    it("refuses writes after it was closed, and finishes those before", async () => {
      const last = store.create(pathOf("a"), object("a"));
      const closed = store.close();
      await assert.rejects(store.create(pathOf("b"), object("b")), { reason: "ServiceUnavailable" });
      await closed;
      assert.equal(revisionOf(await last), 1);
    });
  });

  describe("list", () => {
    const names = (list: StoreList): string[] => list.items.map((item) => item.metadata.name);
    const create = (...all: string[]): Promise<unknown> =>
      Promise.all(all.map((name) => store.create(pathOf(name), object(name))));

    it("shows what begins with the prefix, by path in code unit order", async () => {
      await create("b", "a", "B", "a-1", "aa", "é", "a.b");
      await store.create("wctl.dev/processes/other/a", object("other"));
      await store.create("wctl.dev/processesx//a", object("another kind"));
      assert.deepEqual(names(store.list(pathOf(""))), ["B", "a", "a-1", "a.b", "aa", "b", "é"]);
      assert.deepEqual(names(store.list(pathOf("a"))), ["a", "a-1", "a.b", "aa"]);
      assert.equal(store.list("wctl.dev/processes/").items.length, 8);
      assert.deepEqual(store.list("nothing/"), { items: [], revision: 9 });
    });

    it("pages through, saying how many remain", async () => {
      await create("a", "b", "c", "d", "e");
      const first = store.list(pathOf(""), { limit: 2 });
      assert.deepEqual([names(first), first.remaining], [["a", "b"], 3]);
      const second = store.list(pathOf(""), { limit: 2, continue: first.continue as string });
      assert.deepEqual([names(second), second.remaining], [["c", "d"], 1]);
      const third = store.list(pathOf(""), { limit: 2, continue: second.continue as string });
      assert.deepEqual([names(third), third.remaining, third.continue], [["e"], undefined, undefined]);
    });

    it("shows on every page the revision of the first, whatever was written between", async () => {
      await create("a", "b", "c", "d");
      const first = store.list(pathOf(""), { limit: 1 });
      await store.update(pathOf("b"), object("b", "new"), 2);
      await store.delete(pathOf("c"), 3);
      await store.create(pathOf("c"), object("c", "new"));
      await store.delete(pathOf("d"), 4);
      await store.create(pathOf("cc"), object("cc"));
      const rest = store.list(pathOf(""), { continue: first.continue as string });
      assert.deepEqual(names(rest), ["b", "c", "d"]);
      assert.deepEqual(rest.items.map(revisionOf), [2, 3, 4]);
      assert.equal(rest.revision, 4);
      const page = store.list(pathOf(""), { continue: first.continue as string, limit: 2 });
      assert.deepEqual([names(page), page.remaining], [["b", "c"], 1]);
    });

    it("refuses a token whose revision was compacted, and what is no token of this list", async () => {
      await create("a", "b", "c");
      const token = store.list(pathOf(""), { limit: 1 }).continue as string;
      await create("d");
      store.compact(3);
      assert.equal(store.list(pathOf(""), { continue: token }).items.length, 2);
      store.compact(4);
      assert.throws(() => store.list(pathOf(""), { continue: token }), { reason: "Expired", code: 410 });
      for (const bad of ["", "x", "e30", Buffer.from("null").toString("base64url"), `${token}%`]) {
        assert.throws(() => store.list(pathOf(""), { continue: bad }), /^(Bad|Exp)|continue/);
      }
      assert.throws(() => store.list("core/secrets/", { continue: token }), { reason: "BadRequest" });
    });
  });

  describe("list at a revision", () => {
    const shown = (list: StoreList): string =>
      list.items.map((item) => `${item.metadata.name}${specOf(item)}`).join(" ");

    it("shows what there was then, in pages too", async () => {
      for (const name of ["a", "b", "c"]) await store.create(pathOf(name), object(name, 1));
      await store.update(pathOf("a"), object("a", 2), 1);
      await store.delete(pathOf("b"), 2);
      await store.create(pathOf("d"), object("d", 1));
      assert.deepEqual(
        [1, 2, 3, 4, 5, 6].map((at) => shown(store.list(pathOf(""), { at }))),
        ["a1", "a1 b1", "a1 b1 c1", "a2 b1 c1", "a2 c1", "a2 c1 d1"],
      );
      const first = store.list(pathOf(""), { at: 3, limit: 2 });
      assert.deepEqual([shown(first), first.revision, first.remaining], ["a1 b1", 3, 1]);
      const rest = store.list(pathOf(""), { limit: 2, continue: first.continue as string });
      assert.deepEqual([shown(rest), rest.revision, rest.continue], ["c1", 3, undefined]);
    });

    it("refuses one that was forgotten, and one that is still to come", async () => {
      for (const name of ["a", "b"]) await store.create(pathOf(name), object(name));
      store.compact(2);
      const message = "The resourceVersion for the provided list is too old.";
      assert.throws(() => store.list(pathOf(""), { at: 1 }), { reason: "Expired", message });
      assert.throws(() => store.list(pathOf(""), { at: 3 }), { reason: "Timeout" });
      assert.equal(store.list(pathOf(""), { at: 2 }).items.length, 2);
    });
  });

  describe("list after its revision was forgotten", () => {
    it("says so with a token that goes on at the same place with what there is now", async () => {
      for (const name of ["a", "b", "c", "d"]) await store.create(pathOf(name), object(name));
      const { continue: token = "" } = store.list(pathOf(""), { limit: 2 });
      await store.delete(pathOf("c"), 3);
      await store.create(pathOf("cc"), object("cc"));
      await store.create(pathOf("aa"), object("aa"));
      store.compact(store.revision);
      const fresh = freshToken(() => store.list(pathOf(""), { continue: token }));
      const next = store.list(pathOf(""), { limit: 1, continue: fresh });
      assert.deepEqual(
        [next.items.map(({ metadata }) => metadata.name), next.revision, next.remaining],
        [["cc"], 7, 1],
      );
      await store.create(pathOf("ccc"), object("ccc"));
      const rest = store.list(pathOf(""), { continue: next.continue as string });
      assert.deepEqual(
        [rest.items.map(({ metadata }) => metadata.name), rest.revision],
        [["d"], 7],
        "consistent again",
      );
      assert.throws(() => store.list("core/secrets/", { continue: fresh }), { reason: "BadRequest" });
    });
  });

  describe("history", () => {
    const MINUTE = 60_000;
    const clock = new MovedClock();
    const isKept = (after: number, prefix = ""): boolean => {
      try {
        watch(prefix, after);
        return true;
      } catch (error) {
        assert.ok(isExpired(error));
        return false;
      }
    };
    const createMany = async (count: number, prefix = pathOf("p"), value: unknown = 0): Promise<void> => {
      const from = store.revision;
      const one = (at: number) => store.create(`${prefix}${from + at}`, object(`p${from + at}`, value));
      await Promise.all(Array.from({ length: count }, (_, at) => one(at)));
    };

    it("keeps what is younger than its age, however much it is, so that a page 2 can wait; and forgets it later", async () => {
      await reopenWith({ clock, history: { count: 10, ageMs: 5 * MINUTE } });
      await createMany(3);
      const token = store.list("", { limit: 1 }).continue as string;
      for (let minute = 0; minute < 4; minute++) {
        await createMany(200);
        clock.advance(MINUTE);
      }
      assert.equal(store.list("", { continue: token }).items.length, 2, "four minutes and 800 changes later");
      assert.ok(isKept(3));
      clock.advance(2 * MINUTE);
      await createMany(1);
      assert.throws(() => store.list("", { continue: token }), isExpired);
      assert.ok(!isKept(3));
      assert.ok(isKept(store.revision - 10), "the newest are kept, however old");
    });

    it("never holds more than its bytes, also of what is young, and always the newest change", async () => {
      await reopenWith({ clock, history: { count: 1_000, ageMs: 5 * MINUTE, bytes: 50_000 } });
      await createMany(100, pathOf("p"), "x".repeat(1_000));
      assert.ok(isKept(store.revision - 25));
      assert.ok(!isKept(store.revision - 50));
      await createMany(1, pathOf("large"), "x".repeat(60_000));
      assert.ok(isKept(store.revision - 1));
      assert.ok(!isKept(store.revision - 2));
    });

    it("counts what a change replaced: small ones after large ones are not cheap", async () => {
      await reopenWith({ clock, history: { count: 1_000, ageMs: 5 * MINUTE, bytes: 50_000 } });
      await createMany(20, pathOf("p"), "x".repeat(10_000));
      store.compact(store.revision);
      for (const { metadata } of store.list(pathOf("")).items) {
        await store.delete(pathOf(metadata.name), Number(metadata.resourceVersion));
      }
      assert.ok(!isKept(store.revision - 10), "ten deleted Objects of 10,000 characters do not fit");
    });

    it("of a kind that changes seldom reaches back, however much others write", async () => {
      await reopenWith({ clock, history: { count: 10, ageMs: 0 } });
      await createMany(2);
      const token = store.list(pathOf(""), { limit: 1 }).continue as string;
      await createMany(100, "core/secrets/default/s");
      assert.ok(isKept(2, pathOf("")), "nothing of it has been forgotten since");
      assert.equal(store.list(pathOf(""), { continue: token }).items.length, 1);
      assert.equal(store.list(pathOf(""), { at: 50 }).items.length, 2);
      assert.ok(!isKept(1, pathOf("")), "its second change was forgotten");
      assert.ok(!isKept(50, "core/secrets/default/"));
      assert.ok(!isKept(50, "core/"));
      assert.ok(!isKept(50));
    });

    it("of what is kept apart is its own: a flood of it makes nobody forget the rest, nor the other way round", async () => {
      const small = { count: 10, ageMs: 0, bytes: 1_000_000 };
      await reopenWith({ clock, history: small, apart: [{ prefix: "core/events/", budget: small }] });
      await createMany(5);
      await createMany(2, "core/events/default/e");
      const token = store.list(pathOf(""), { limit: 1 }).continue as string;
      await createMany(100, "core/events/default/e");
      assert.ok(isKept(0, pathOf("")));
      assert.equal(store.list(pathOf(""), { continue: token }).items.length, 4);
      assert.ok(!isKept(7, "core/events/"));
      assert.ok(!isKept(7), "who watches everything needs both");
      assert.ok(isKept(store.revision - 5, "core/events/default/"));
      await createMany(3);
      const all = watch("", store.revision - 5);
      const revisions: number[] = [];
      for (let at = 0; at < 5; at++) revisions.push((await all.next()).value.revision);
      assert.deepEqual(revisions, [106, 107, 108, 109, 110], "both, in order");
      await createMany(30);
      assert.ok(isKept(100, "core/events/"));
      assert.ok(!isKept(100, pathOf("")));
    });
  });

  describe("caughtUp", () => {
    it("resolves when reads and watches have everything that was accepted before", async () => {
      await store.caughtUp();
      const seen: number[] = [];
      const watcher = watch("");
      const next = watcher.next().then(({ value }) => seen.push(value.revision));
      const order: string[] = [];
      const writing = [1, 2, 3].map((n) => store.create(pathOf(`p${n}`), object(`p${n}`)));
      const first = store.caughtUp(1).then(() => order.push("first"));
      await store.caughtUp();
      order.push("all");
      assert.equal(store.revision, 3);
      assert.equal(store.list("").items.length, 3);
      await Promise.all([next, first]);
      assert.deepEqual([seen, order.toSorted()], [[1], ["all", "first"]]);
      await Promise.all(writing);
      await store.caughtUp(2);
    });

    it("rejects for what nobody has written", async () => {
      await assert.rejects(store.caughtUp(1), {
        reason: "Timeout",
        message: "Timeout: Too large resource version: 1, current: 0",
      });
    });
  });

  describe("watch", () => {
    const take = async (watcher: AsyncIterator<StoreEvent>, count: number): Promise<StoreEvent[]> => {
      const events: StoreEvent[] = [];
      while (events.length < count) {
        const next = await watcher.next();
        assert.equal(next.done, false, `ended after ${events.length} of ${count}`);
        events.push(next.value);
      }
      return events;
    };

    it("gives what is there already to who does not wait, in the same order", async () => {
      const watcher = watch(pathOf(""));
      assert.equal(watcher.nextNow(), undefined);
      for (const name of ["a", "b", "c", "d"]) await store.create(pathOf(name), object(name));
      const [first] = await take(watcher, 1);
      const [second, third] = [watcher.nextNow(), watcher.nextNow()];
      const [fourth] = await take(watcher, 1);
      assert.deepEqual(
        [first, second, third, fourth].map((event) => event?.path),
        ["a", "b", "c", "d"].map(pathOf),
      );
      assert.equal(watcher.nextNow(), undefined);
    });

    it("tells once when there is more, or it has ended; at once when that is so", async () => {
      const ending = new AbortController();
      const watcher = store.watch(pathOf(""), { signal: ending.signal });
      const told: string[] = [];
      const isTold = (...expected: string[]): void => assert.deepEqual(told, expected);
      watcher.whenMore(() => told.push("a"));
      isTold();
      await store.create(pathOf("a"), object("a"));
      await store.create(pathOf("b"), object("b"));
      isTold("a");
      watcher.whenMore(() => told.push("still a"));
      isTold("a", "still a");
      await take(watcher, 2);
      watcher.whenMore(() => told.push("the end"));
      isTold("a", "still a");
      ending.abort();
      isTold("a", "still a", "the end");
      assert.equal((await watcher.next()).done, true);
      watcher.whenMore(() => told.push("the end still"));
      isTold("a", "still a", "the end", "the end still");
    });

    it("shows what happens from now on, with what was there before", async () => {
      await store.create(pathOf("old"), object("old"));
      const watcher = watch(pathOf(""));
      await store.create(pathOf("a"), object("a"));
      await store.update(pathOf("a"), object("a", 1), 2);
      await store.create("core/secrets/default/x", object("x"));
      await store.delete(pathOf("a"), 3);
      const events = await take(watcher, 3);
      assert.deepEqual(
        events.map(({ type, revision, path }) => [type, revision, path]),
        [
          ["ADDED", 2, pathOf("a")],
          ["MODIFIED", 3, pathOf("a")],
          ["DELETED", 5, pathOf("a")],
        ],
      );
      assert.deepEqual(
        events.map((event) => revisionOf(event.object)),
        [2, 3, 5],
      );
      assert.deepEqual(
        events.map((event) => specOf(event.object)),
        [0, 1, 1],
      );
      assert.deepEqual(
        events.map((event) => specOf(event.previous)),
        [undefined, 0, 1],
      );
      assert.equal("previous" in (events[0] as StoreEvent), false);
    });

    it("resumes after a revision without gap or duplicate", async () => {
      for (let at = 1; at <= 5; at++) await store.create(pathOf(`p${at}`), object(`p${at}`));
      const watcher = watch(pathOf(""), 2);
      await store.create(pathOf("p6"), object("p6"));
      assert.deepEqual(
        (await take(watcher, 4)).map((event) => event.revision),
        [3, 4, 5, 6],
      );
    });

    it("is shown an event before its writer is answered", async () => {
      const watcher = watch("");
      const order: string[] = [];
      const seen = watcher.next().then(() => order.push("seen"));
      const written = store.create(pathOf("a"), object("a")).then(() => order.push("acknowledged"));
      await Promise.all([seen, written]);
      assert.deepEqual(order, ["seen", "acknowledged"]);
    });

    it("throws Expired at once for a revision that is compacted away", async () => {
      await Promise.all(["a", "b", "c"].map((name) => store.create(pathOf(name), object(name))));
      store.compact(2);
      assert.throws(() => watch("", 1), { reason: "Expired", code: 410, message: "too old resource version: 1 (2)" });
      assert.deepEqual(
        (await take(watch("", 2), 1)).map((event) => event.revision),
        [3],
      );
    });

    it("throws Expired for a revision that was never reached: its client knows other contents", () => {
      assert.throws(() => watch("", 1), { reason: "Expired", message: "too large resource version: 1 (0)" });
    });

    it("forgets by itself what is beyond the history limit", async () => {
      await reopenWith({ history: { count: 8, ageMs: 0 } });
      for (let at = 0; at < 20; at++) await store.create(pathOf(`p${at}`), object(`p${at}`));
      assert.throws(() => watch("", 10), { reason: "Expired" });
      assert.equal((await take(watch("", 12), 8)).length, 8);
    });

    it("ends a watcher that falls too far behind with Expired, and no other", async () => {
      await reopenWith({ watchBuffer: 4 });
      const slow = watch("");
      const elsewhere = watch("core/");
      const quick = watch("");
      for (let at = 0; at < 6; at++) {
        await store.create(pathOf(`p${at}`), object(`p${at}`));
        assert.equal((await quick.next()).value.revision, at + 1);
      }
      await assert.rejects(slow.next(), isExpired);
      assert.equal((await slow.next()).done, true);
      await store.create("core/secrets/default/x", object("x"));
      assert.equal((await elsewhere.next()).value.revision, 7);
    });

    it("ends when its signal aborts, when it is returned, and when the store closes", async () => {
      const controller = new AbortController();
      const aborted = store.watch("", { signal: controller.signal })[Symbol.asyncIterator]();
      const waiting = aborted.next();
      controller.abort();
      assert.equal((await waiting).done, true);
      const returned = watch("");
      await returned.return?.();
      assert.equal((await returned.next()).done, true);
      const closed = watch("");
      await store.create(pathOf("a"), object("a"));
      await store.close();
      assert.equal((await closed.next()).value.revision, 1, "what was published is still delivered");
      assert.equal((await closed.next()).done, true);
    });
  });
}
