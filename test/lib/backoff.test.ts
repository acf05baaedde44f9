import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backoffMs } from "../../lib/backoff.ts";

test("grows by the factor up to the maximum", () => {
  const backoff = { initialMs: 1000, factor: 2, maxMs: 300_000 };
  const waits = [0, 1, 2, 8, 9, 1000, 1e9].map((n) => backoffMs(n, backoff));
  assert.deepEqual(waits, [1000, 2000, 4000, 256_000, 300_000, 300_000, 300_000]);
});

test("is always within [0, maxMs] and never shrinks", () => {
  const config = fc.record({
    initialMs: fc.nat(1e6),
    factor: fc.double({ min: 1, max: 1e6, noNaN: true }),
    maxMs: fc.nat(1e9),
  });
  fc.assert(
    fc.property(fc.nat(), config, (n, backoff) => {
      const wait = backoffMs(n, backoff);
      assert.ok(wait >= 0 && wait <= backoff.maxMs, String(wait));
      assert.ok(backoffMs(n + 1, backoff) >= wait);
    }),
  );
});
