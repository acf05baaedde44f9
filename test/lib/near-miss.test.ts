import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { levenshtein, nearest } from "../../lib/near-miss.ts";

const fields = ["replicas", "command", "args", "env", "envFrom", "workingDir", "livenessProbe", "logs"];

describe("the near miss", () => {
  it("is the field that was probably meant", () => {
    const meant: Record<string, string | undefined> = {
      replica: "replicas",
      Replicas: "replicas",
      comand: "command",
      agrs: "args",
      workingdir: "workingDir",
      livenessProb: "livenessProbe",
      bogus: undefined,
      x: undefined,
      selector: undefined,
      "": undefined,
    };
    for (const [word, expected] of Object.entries(meant)) assert.equal(nearest(word, fields), expected, word);
  });

  it("costs nothing for words that nobody mistypes", () => {
    assert.equal(nearest("r".repeat(1_000_000), ["r".repeat(1_000_000)]), undefined);
  });

  it("is measured by a distance", () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = levenshtein(a, b);
        assert.equal(distance, levenshtein(b, a));
        assert.equal(distance === 0, a === b);
        assert.ok(distance >= Math.abs(a.length - b.length) && distance <= Math.max(a.length, b.length));
      }),
    );
  });
});
