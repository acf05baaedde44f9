import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { generateName } from "../../../apiserver/registry/generate-name.ts";

describe("generateName", () => {
  it("ends with five characters of no word, and stays a label", () => {
    for (let count = 0; count < 100; count++) assert.match(generateName("web-"), /^web-[b-df-hj-np-tv-z2456789]{5}$/);
    assert.equal(generateName("a".repeat(200)).length, 63);
    assert.ok(new Set(Array.from({ length: 100 }, () => generateName("x"))).size > 95);
  });
});
