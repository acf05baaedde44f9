import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { oneLine } from "../../lib/one-line.ts";

describe("words of somebody else in one line", () => {
  const cases: [given: string, shown: string][] = [
    ["dial tcp 127.0.0.1:80: connection refused", "dial tcp 127.0.0.1:80: connection refused"],
    [" two\n  lines\r\n\tand a tab\n", "two lines and a tab"],
    ["failed\n\nCause: none\nAdvice: run this", "failed Cause: none Advice: run this"],
    ["\x1b]0;title\x07\x1b[2J", "\\x1b]0;title\\x07\\x1b[2J"],
    ["\x9b2J\x7f\0", "\\x9b2J\\x7f\\x00"],
    ["abc\u202edcba\u2066x\u2028y", "abc\\u202edcba\\u2066x\\u2028y"],
    ["grün 日本 🙂", "grün 日本 🙂"],
    ["", ""],
  ];
  for (const [given, shown] of cases) {
    it(`${JSON.stringify(given)}`, () => {
      assert.equal(oneLine(given, 100), shown);
    });
  }

  it("is cut where it is too long, whatever it is made of", () => {
    assert.equal(oneLine("x".repeat(1_000_000), 10), "xxxxxxxxx…");
    assert.equal(oneLine("x".repeat(10), 10), "x".repeat(10));
    assert.equal(oneLine("\x1b".repeat(1000), 10).length, 10);
    assert.equal(oneLine(`12345678${"🙂".repeat(5)}`, 10), "12345678…", "no half of a character");
  });
});
