import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Semaphore } from "../../lib/semaphore.ts";

describe("a semaphore", () => {
  it("lets so many in, and the others in the order they came, also after a failure", async () => {
    const semaphore = new Semaphore(2);
    const inside = new Map<number, PromiseWithResolvers<void>>();
    const enter = (who: number): Promise<void> =>
      semaphore.run(() => {
        inside.set(who, Promise.withResolvers());
        return inside.get(who)!.promise;
      });
    const all = [1, 2, 3, 4].map(enter);
    assert.deepEqual([...inside.keys()], [1, 2]);
    inside.get(2)!.reject(new Error("failed"));
    await assert.rejects(all[1]!);
    assert.deepEqual([...inside.keys()], [1, 2, 3]);
    inside.get(1)!.resolve();
    await all[0];
    assert.deepEqual([...inside.keys()], [1, 2, 3, 4]);
    for (const who of [3, 4]) inside.get(who)!.resolve();
    await Promise.all([all[2], all[3]]);
    const again = enter(5);
    assert.equal(inside.has(5), true);
    inside.get(5)!.resolve();
    await again;
  });
});
