import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sleep } from "../../lib/clock.ts";
import { SharedReading } from "../../lib/shared-reading.ts";
import { FakeClock } from "./fake-clock.ts";

describe("a shared reading", () => {
  const pause = { least: 20, most: 250 };

  it("answers all who asked before it began, and nobody who asked later", async () => {
    const clock = new FakeClock(new Date(0));
    let count = 0;
    const reading = new SharedReading({ clock, pause, read: async () => ++count });
    const early = [reading.next(), reading.next()];
    await clock.advanceAsync(20);
    assert.deepEqual(await Promise.all(early), [1, 1]);
    const late = reading.next();
    await clock.advanceAsync(20);
    assert.equal(await late, 2);
  });

  for (const [takesMs, most] of [
    [1, 0.06],
    [20, 0.12],
    [100, 0.3],
  ] as const) {
    it(`that takes ${takesMs} ms takes less than ${most * 100} % of the time, one at a time`, async () => {
      const clock = new FakeClock(new Date(0));
      let [busyMs, running, answers] = [0, 0, 0];
      const read = async (): Promise<void> => {
        assert.equal(++running, 1);
        await sleep(clock, takesMs);
        running--;
        busyMs += takesMs;
      };
      const reading = new SharedReading({ clock, pause, read });
      for (let ms = 0; ms < 10_000; ms += 10) {
        reading.next().then(() => answers++, assert.fail);
        await clock.advanceAsync(10);
      }
      assert.ok(busyMs / 10_000 <= most && busyMs > 0, `${busyMs} ms`);
      assert.ok(answers > 950, `${answers} answers`);
    });
  }

  it("goes on after one that failed", async () => {
    const clock = new FakeClock(new Date(0));
    let isFirst = true;
    const read = async (): Promise<string> => {
      if (!isFirst) return "read";
      isFirst = false;
      throw new Error("no table");
    };
    const reading = new SharedReading({ clock, pause, read });
    const failed = assert.rejects(reading.next(), /no table/);
    await clock.advanceAsync(20);
    await failed;
    const next = reading.next();
    await clock.advanceAsync(250);
    assert.equal(await next, "read");
  });
});
