import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { shareStructure } from "../../store/structural-sharing.ts";
import { repeats } from "../repeats.ts";

describe("settle", () => {
  it("shares what did not change, and copies only the way to what did", () => {
    const before = shareStructure({ spec: { args: ["a"], env: { x: 1 } }, status: { ready: false } });
    const after = shareStructure({ spec: { env: { x: 1 }, args: ["a"] }, status: { ready: true } }, before);
    assert.equal(after.spec, before.spec);
    assert.notEqual(after.status, before.status);
    assert.equal(shareStructure(structuredClone(before), before), before);
  });

  it("does not mistake a missing field or a shorter list for an equal one", () => {
    const before = shareStructure<Record<string, unknown>>({ a: 1, b: [1, 2], c: {} });
    for (const next of [
      { a: 1, b: [1, 2] },
      { a: 1, b: [1], c: {} },
      { a: 1, b: [1, 2], c: [] },
      { a: 1, b: [1, 2], c: {}, d: null },
    ]) {
      assert.deepEqual(shareStructure<Record<string, unknown>>(next, before), next);
    }
  });

  it("is what JSON would bring back, deeply frozen, for any two values", () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    const withOdd = fc.oneof(
      value,
      fc.object({ maxDepth: 3, withNullPrototype: false, values: [fc.constant(undefined), fc.double(), fc.string()] }),
    );
    fc.assert(
      fc.property(withOdd, withOdd, (first, second) => {
        const before = shareStructure(first);
        for (const [next, previous] of [
          [first, undefined],
          [second, before],
          [
            [first, second],
            [before, before],
          ],
        ]) {
          const kept = shareStructure(next, previous && shareStructure(previous));
          assert.equal(canonical(kept), canonical(JSON.parse(JSON.stringify(next))));
          assertFrozen(kept);
        }
      }),
      { numRuns: repeats(300) },
    );
  });

  it("keeps a field named __proto__ a field", () => {
    const kept = shareStructure(JSON.parse('{"__proto__": {"polluted": true}}'));
    assert.equal(JSON.stringify(kept), '{"__proto__":{"polluted":true}}');
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    assert.equal(kept.polluted, undefined);
  });
});

/** Text that does not depend on the order of fields. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(Object.getOwnPropertyDescriptor(value, name)?.value)}`)}}`;
}

function assertFrozen(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  assert.ok(Object.isFrozen(value));
  for (const inner of Object.values(value)) assertFrozen(inner);
}
