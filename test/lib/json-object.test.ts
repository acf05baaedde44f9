import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isObject } from "../../lib/json-object.ts";

describe("isObject", () => {
  for (const [value, expected] of [
    [{}, true],
    [Object.create(null), true],
    [[], false],
    [null, false],
    [undefined, false],
    ["text", false],
    [1, false],
  ] as const) {
    it(`is ${expected} of ${JSON.stringify(value)}`, () => assert.equal(isObject(value), expected));
  }
});
