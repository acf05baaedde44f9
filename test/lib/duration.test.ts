import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { humanDuration, parseDuration } from "../../lib/duration.ts";
import { repeats } from "../repeats.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

describe("parseDuration", () => {
  const table: [text: string, ms: number][] = [
    ["0", 0],
    ["10s", 10_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["100ms", 100],
    [".5s", 500],
    ["5.s", 5000],
    ["-2m", -120_000],
    ["+3s", 3000],
    ["1h2m3s4ms", 3_723_004],
    ["2µs", 0.002],
    ["2us", 0.002],
    ["0s", 0],
  ];
  for (const [text, ms] of table) it(`${text} is ${ms} ms`, () => assert.equal(parseDuration(text), ms));

  const refused: [text: string, message: RegExp][] = [
    ["", /invalid duration ""/],
    ["5", /missing unit in duration "5"/],
    ["1h5", /missing unit in duration "1h5"/],
    ["5d", /unknown unit "d" in duration "5d"/],
    ["s", /invalid duration "s"/],
    ["1 s", /missing unit in duration "1 s"/],
    ["--1s", /invalid duration "--1s"/],
    [".s", /invalid duration/],
    ["1e3s", /unknown unit "e"/],
    ["9999999999h", /longer than 292 years/],
    ["1constructor", /unknown unit "constructor"/],
    ["1".repeat(100_000), /invalid duration/],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () =>
      assert.throws(() => parseDuration(text), { name: "RangeError", message }));
  }

  it("adds up its parts, and throws nothing but RangeError", () => {
    const part = fc.record({ n: fc.nat(1000), unit: fc.constantFrom("ms", "s", "m", "h") });
    const size = { ms: 1, s: SECOND, m: MINUTE, h: HOUR };
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const text = parts.map(({ n, unit }) => `${n}${unit}`).join("");
        assert.equal(
          parseDuration(text),
          parts.reduce((sum, { n, unit }) => sum + n * size[unit], 0),
        );
      }),
    );
    const noise = fc.string({ unit: fc.constantFrom(..."01.-+ hmsuné"), maxLength: 20 });
    fc.assert(
      fc.property(noise, (text) => {
        try {
          assert.ok(Number.isFinite(parseDuration(text)));
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      }),
      { numRuns: repeats(2000) },
    );
  });
});

describe("humanDuration", () => {
  // The rows of Kubernetes' own test, with the edges between them.
  const table: [ms: number, text: string][] = [
    [-2 * SECOND, "<invalid>"],
    [-2 * SECOND + 1, "0s"],
    [0, "0s"],
    [SECOND - 1, "0s"],
    [SECOND, "1s"],
    [2 * MINUTE - 1, "119s"],
    [2 * MINUTE, "2m"],
    [2 * MINUTE + SECOND, "2m1s"],
    [10 * MINUTE - 1, "9m59s"],
    [10 * MINUTE, "10m"],
    [10 * MINUTE + SECOND, "10m"],
    [3 * HOUR - 1, "179m"],
    [3 * HOUR, "3h"],
    [3 * HOUR + MINUTE, "3h1m"],
    [8 * HOUR - 1, "7h59m"],
    [8 * HOUR, "8h"],
    [8 * HOUR + 59 * MINUTE, "8h"],
    [2 * DAY - 1, "47h"],
    [2 * DAY, "2d"],
    [2 * DAY + HOUR, "2d1h"],
    [8 * DAY - 1, "7d23h"],
    [8 * DAY, "8d"],
    [2 * YEAR - 1, "729d"],
    [2 * YEAR, "2y"],
    [2 * YEAR + DAY, "2y1d"],
    [8 * YEAR - 1, "7y364d"],
    [8 * YEAR, "8y"],
    [8 * YEAR + 364 * DAY, "8y"],
    [Number.NaN, "<invalid>"],
  ];
  for (const [ms, text] of table) it(`${ms} ms is ${text}`, () => assert.equal(humanDuration(ms), text));
});
