import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkDelta } from "../../../git/repository/delta-check.ts";

const size = (value: number): number[] =>
  value < 128 ? [value] : [(value & 0x7f) | 0x80, ...size(Math.floor(value / 128))];
const delta = (target: number, ...instructions: number[]): Buffer =>
  Buffer.from([...size(70_000), ...size(target), ...instructions]);

describe("a delta", () => {
  it("is as large as its instructions make it", () => {
    assert.equal(checkDelta(delta(2, 2, 0x61, 0x62)), 2);
    assert.equal(checkDelta(delta(0x10000, 0x80)), 0x10000);
    assert.equal(checkDelta(delta(0x10203, 0xff, 1, 2, 3, 4, 3, 2, 1)), 0x10203);
    assert.equal(checkDelta(delta(300 + 1, 0xb1, 9, 44, 1, 1, 0x61)), 301);
    assert.equal(checkDelta(delta(0)), 0);
  });

  it("is refused when it makes something else", () => {
    for (const [bad, message] of [
      [delta(3, 2, 0x61, 0x62), /does not make what it says/],
      [delta(1, 0x80), /does not make what it says/],
      [delta(1, 1, 0x61, 0x80), /does not make what it says/],
      [delta(0, 0), /an instruction that does nothing/],
      [delta(5, 5, 0x61), /in the middle of an instruction/],
      [delta(5, 0x91, 1), /in the middle of an instruction/],
      [Buffer.from([0x80]), /has no sizes/],
      [Buffer.from([1]), /has no sizes/],
      [Buffer.alloc(100, 0xff), /has no sizes/],
    ] as const)
      assert.throws(() => checkDelta(bad), { reason: "RepositoryInvalid", message });
  });

  it("has no more instructions than the library bears", () => {
    const many = (count: number) => Buffer.concat([delta(count), Buffer.alloc(2 * count, Buffer.from([0x90, 1]))]);
    assert.equal(checkDelta(many(500_000)), 500_000);
    const refused = { reason: "LimitExceeded", message: /a delta of more than 500000 instructions/ };
    assert.throws(() => checkDelta(many(500_001)), refused);
    assert.throws(() => checkDelta(Buffer.concat([delta(1000), Buffer.alloc(1_000_000, 0x80)])), refused);
  });
});
