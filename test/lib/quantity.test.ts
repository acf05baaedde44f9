import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatQuantity, parseQuantity, roundBytes } from "../../lib/quantity.ts";
import { repeats } from "../repeats.ts";

describe("parseQuantity", () => {
  const table: [text: string | number, value: number][] = [
    [0, 0],
    [1.5, 1.5],
    ["0", 0],
    ["-0", 0],
    ["500m", 0.5],
    ["100m", 0.1],
    ["1", 1],
    ["+1", 1],
    ["-1Ki", -1024],
    ["1.", 1],
    [".5", 0.5],
    ["1.005k", 1005],
    ["1n", 1e-9],
    ["250u", 0.00025],
    ["2k", 2000],
    ["3M", 3e6],
    ["1G", 1e9],
    ["1T", 1e12],
    ["1P", 1e15],
    ["1E", 1e18],
    ["1Ki", 1024],
    ["512Mi", 536_870_912],
    ["1.5Gi", 1_610_612_736],
    ["1Ti", 2 ** 40],
    ["1Pi", 2 ** 50],
    ["1Ei", 2 ** 60],
    ["1e3", 1000],
    ["1E3", 1000],
    ["12e-1", 1.2],
    ["1.5e+2", 150],
  ];
  for (const [text, value] of table) it(`${text} is ${value}`, () => assert.equal(parseQuantity(text), value));

  const refused = [
    "",
    " ",
    "x",
    "1x",
    "1KI",
    "1ki",
    "1K",
    "1 Mi",
    "Mi",
    "1mm",
    "--1",
    "1e",
    "1e3k",
    "0x10",
    "1,5",
    "1_000",
    ".",
    "1.2.3",
    "Infinity",
    "NaN",
    "1e9999",
    "٣",
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)} and quotes it`, () => {
      const quotes = (error: unknown): boolean =>
        error instanceof RangeError && error.message.includes(JSON.stringify(text));
      assert.throws(() => parseQuantity(text), quotes);
    });
  }
  it("refuses numbers that are none, and endless text", () => {
    assert.throws(() => parseQuantity(Number.NaN), RangeError);
    assert.throws(() => parseQuantity(Number.POSITIVE_INFINITY), RangeError);
    assert.throws(() => parseQuantity("1".repeat(1_000_000)), RangeError);
  });
  it("throws nothing but RangeError", () => {
    const noise = fc.string({ unit: fc.constantFrom(..."0123.-+eEKMGTPinum "), maxLength: 10 });
    fc.assert(
      fc.property(noise, (text) => {
        try {
          assert.ok(Number.isFinite(parseQuantity(text)));
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      }),
      { numRuns: repeats(3_000) },
    );
  });
});

describe("formatQuantity", () => {
  const table: [value: number, format: "DecimalSI" | "BinarySI", text: string][] = [
    [0, "BinarySI", "0"],
    [0.5, "DecimalSI", "500m"],
    [0.1, "DecimalSI", "100m"],
    [0.1 * 3, "DecimalSI", "300m"],
    [1.5, "DecimalSI", "1500m"],
    [1000, "DecimalSI", "1k"],
    [1500, "DecimalSI", "1500"],
    [1024, "BinarySI", "1Ki"],
    [1536, "BinarySI", "1536"],
    [536_870_912, "BinarySI", "512Mi"],
    [1000, "BinarySI", "1k"],
    [2 ** 60, "BinarySI", "1Ei"],
    [-2048, "BinarySI", "-2Ki"],
    [1e18, "DecimalSI", "1E"],
    [1e-10, "DecimalSI", "1n"],
  ];
  for (const [value, format, text] of table) {
    it(`${value} as ${format} is ${text}`, () => assert.equal(formatQuantity(value, format), text));
  }
  it("is read back as the same value", () => {
    const milli = fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1000);
    fc.assert(
      fc.property(fc.oneof(milli, fc.maxSafeInteger()), fc.constantFrom("DecimalSI", "BinarySI"), (value, format) => {
        assert.equal(parseQuantity(formatQuantity(value, format)), value === 0 ? 0 : value);
      }),
      { numRuns: repeats(2000) },
    );
  });
});

describe("roundBytes", () => {
  for (const [bytes, text] of [
    [0, "0"],
    [1023, "1023"],
    [1024, "1.0Ki"],
    [10_200, "10Ki"],
    [1_500_000, "1.4Mi"],
    [2 ** 20 - 1, "1.0Mi"],
    [5 * 2 ** 40, "5.0Ti"],
  ] as const) {
    it(`${bytes} is about ${text}`, () => assert.equal(roundBytes(bytes), text));
  }
});
