import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TokenBucket } from "../../lib/token-bucket.ts";
import { FakeClock } from "./fake-clock.ts";

describe("a token bucket", () => {
  it("lets a crowd pass, then one in each refill time, and never holds more than the burst", () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(clock, { burst: 2, refillMs: 10 });
    const taken = (): number => {
      let count = 0;
      while (bucket.tryTake()) count += 1;
      return count;
    };
    assert.equal(taken(), 2);
    clock.advance(9);
    assert.equal(taken(), 0);
    clock.advance(1);
    assert.equal(taken(), 1);
    clock.advance(1_000);
    assert.equal(taken(), 2);
  });
});
