import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryTrim } from "../../../cmd/wctld/memory-trim.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

describe("memory trim", () => {
  it("collects once when a burst is over, not during it, and not for a trickle", () => {
    const clock = new FakeClock();
    let work = 0;
    let collections = 0;
    let released = 0;
    const release = (): void => {
      released++;
      throw new Error("this system cannot");
    };
    const collect = (): number => collections++;
    const trim = new MemoryTrim({ clock, logger: silentLogger, work: () => work, release, collect });
    const pass = (more: number): number => {
      work += more;
      clock.advance(10_000);
      return collections;
    };
    assert.equal(pass(30), 0, "still starting");
    assert.equal(pass(3), 1, "the start is over, however small it was");
    assert.equal(pass(900), 1);
    assert.equal(pass(900), 1, "still busy");
    assert.equal(pass(3), 2, "quiet");
    assert.equal(pass(3), 2, "once");
    for (let n = 0; n < 30; n++) pass(15);
    assert.equal(collections, 2, "a trickle below a burst");
    assert.equal(released, 2);
    trim.close();
    assert.equal(clock.pending, 0);
  });

  it("sees the end of a burst though the slow relist goes on, and does not take the relist for one", () => {
    const clock = new FakeClock();
    let work = 8_000;
    let collections = 0;
    const collect = (): number => collections++;
    const trim = new MemoryTrim({ clock, logger: silentLogger, work: () => work, collect });
    clock.advance(10_000);
    assert.equal(collections, 0, "still starting");
    for (let n = 0; n < 360; n++) {
      work += 100 + (n % 7) * 10;
      clock.advance(10_000);
    }
    assert.equal(collections, 1);
    trim.close();
  });

  it("works with V8's own collector", () => {
    const clock = new FakeClock();
    let work = 0;
    const trim = new MemoryTrim({ clock, logger: silentLogger, work: () => work });
    work = 5_000;
    clock.advance(10_000);
    clock.advance(10_000);
    trim.close();
  });
});
