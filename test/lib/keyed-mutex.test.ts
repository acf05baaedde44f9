import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KeyedMutex } from "../../lib/keyed-mutex.ts";

describe("a keyed mutex", () => {
  it("runs the work of one key in order, whatever becomes of the others", async () => {
    const mutex = new KeyedMutex<string>();
    const done: number[] = [];
    const work = [1, 2, 3].map((number) =>
      mutex.run("p", async () => {
        await Promise.resolve();
        done.push(number);
        if (number === 2) throw new Error("mine alone");
      }),
    );
    const results = await Promise.allSettled([...work, mutex.run("q", async () => done.push(0))]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled", "fulfilled"],
    );
    assert.deepEqual(done.toSorted(), [0, 1, 2, 3]);
    assert.deepEqual(done.filter(Boolean), [1, 2, 3]);
  });

  it("never lets two in at once for a key, and lets different keys in at once", async () => {
    const mutex = new KeyedMutex<string>();
    const inside: string[] = [];
    const doors = new Map<string, PromiseWithResolvers<void>>();
    const enter = (key: string, who: string): Promise<void> =>
      mutex.run(key, () => {
        inside.push(who);
        const door = Promise.withResolvers<void>();
        doors.set(who, door);
        return door.promise;
      });
    const all = [enter("a", "a1"), enter("a", "a2"), enter("b", "b1")];
    assert.deepEqual(inside, ["a1", "b1"]);
    doors.get("a1")!.reject(new Error("failed"));
    await assert.rejects(all[0]!);
    assert.deepEqual(inside, ["a1", "b1", "a2"]);
    doors.get("a2")!.resolve();
    doors.get("b1")!.resolve();
    await Promise.all(all.slice(1));
    const again = enter("a", "a3");
    assert.equal(inside.at(-1), "a3"); // Nothing is left behind: it begins at once.
    doors.get("a3")!.resolve();
    await again;
  });

  it("rejects when the work throws before its first promise", async () => {
    const mutex = new KeyedMutex<string>();
    const work = mutex.run("a", () => {
      throw new Error("at once");
    });
    await assert.rejects(work, { message: "at once" });
    assert.equal(await mutex.run("a", async () => "next"), "next");
  });
});
