import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isReason } from "../../../api/errors.ts";
import { wireFields } from "../../../apiserver/protobuf/wire.ts";
import { varint, written } from "./written.ts";

const read = (...bytes: number[]): unknown[] => [...wireFields(Uint8Array.from(bytes))];
const text = (value: string): number[] => [...new TextEncoder().encode(value)];

describe("the fields of a message", () => {
  it("are numbers and bytes, in the order in which they stand", () => {
    const bytes = written([
      [1, "a"],
      [300, 300],
      [1, "b"],
    ]);
    assert.deepEqual(
      [...wireFields(bytes)],
      [
        { number: 1, value: Uint8Array.from(text("a")) },
        { number: 300, value: 300 },
        { number: 1, value: Uint8Array.from(text("b")) },
      ],
    );
    assert.deepEqual(read(), []);
  });

  for (const value of [
    0,
    1,
    127,
    128,
    2 ** 28 - 1,
    2 ** 28,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 35,
    Number.MAX_SAFE_INTEGER,
  ]) {
    it(`${value} and -${value} are read exactly`, () => {
      assert.deepEqual(read(8, ...varint(value)), [{ number: 1, value }]);
      assert.deepEqual(read(8, ...varint(-value)), [{ number: 1, value: value === 0 ? 0 : -value }]);
    });
  }

  it("are skipped when they have a fixed length, which is none of ours", () => {
    assert.deepEqual(read(0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 0x18, 7), [
      { number: 1, value: undefined },
      { number: 2, value: undefined },
      { number: 3, value: 7 },
    ]);
  });

  for (const [what, bytes] of [
    ["a tag that does not end", [0x80]],
    ["a field without its value", [0x08]],
    ["a number of eleven bytes", [0x08, ...Array(10).fill(0x80), 0x01]],
    ["a length beyond the end", [0x0a, 2, 0x61]],
    ["a length of four thousand millions", [0x0a, ...varint(2 ** 32)]],
    ["a length below zero", [0x0a, ...varint(-1)]],
    ["eight bytes that are seven", [0x09, 1, 2, 3, 4, 5, 6, 7]],
    ["the field 0", [0x00, 0x00]],
    ["a field of too great a number", [...varint(2 ** 32), 0x00]],
    ["the start of a group", [0x0b]],
    ["the end of a group", [0x0c]],
    ["a wire type that there is not", [0x0f]],
  ] as [string, number[]][]) {
    it(`are refused: ${what}`, () => {
      assert.throws(
        () => read(...bytes),
        (error) => isReason(error, "BadRequest"),
      );
    });
  }
});
