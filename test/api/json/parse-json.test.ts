import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../../api/errors.ts";
import { parseJson } from "../../../api/json/parse-json.ts";
import { repeats } from "../../repeats.ts";

const hasForbidden = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.keys(value).some(
    (key) =>
      ["__proto__", "constructor", "prototype"].includes(key) || hasForbidden((value as Record<string, unknown>)[key]),
  );

describe("parseJson", () => {
  it("reads what JSON.parse reads", () => {
    const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ min: -1e15, max: 1e15, noNaN: true }));
    const leaf = fc.oneof(number, fc.string({ unit: "grapheme" }), fc.boolean(), fc.constant(null));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.array(tie("tree")),
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('a"b', "a:b", "{", "\\", "\\\\")), tie("tree")),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.constantFrom("", " ", "\t", 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        if (hasForbidden(value)) assert.throws(() => parseJson(text), { reason: "BadRequest" });
        else assert.deepEqual(parseJson(indent ? text : new TextEncoder().encode(text)), JSON.parse(text));
      }),
      { numRuns: repeats(1000) },
    );
  });

  const refused: [what: string, text: string, message: RegExp][] = [
    ["a duplicate key", '{"a":1,\n "spec":{"b":{}, "b":2}}', /line 2, column 18: duplicate key "b" in spec/],
    ["a duplicate key in disguise", '{"a":1,"\\u0061":2}', /duplicate key "a"/],
    ["duplicates in lists", '{"a":[{"x":1},{"x":1,"x":2}]}', /duplicate key "x" in a\[1\]/],
    ["__proto__", '{"metadata":{"labels":{"__proto__":"x"}}}', /the key "__proto__" is not allowed/],
    ["__proto__ in disguise", '{"\\u005f_proto__":{}}', /the key "__proto__" is not allowed/],
    ["constructor", '[{"constructor":1}]', /the key "constructor" is not allowed/],
    ["65 levels", "[".repeat(65) + "]".repeat(65), /column 65: nested deeper than 64 levels/],
    ["a million levels", "[".repeat(1_000_000), /nested deeper than 64 levels/],
    ["a big integer", '{"spec":{"replicas":9007199254740993}}', /the number at spec.replicas is too large/],
    ["an infinite number", "[1e999]", /the number at \[0\] is too large/],
    ["half a surrogate pair", '{"a":"\\ud800"}', /half of a surrogate pair/],
    ["nothing", "", /line 1, column 1: the text ends too early/],
    ["two values", "{} {}", /nothing may follow the value/],
    ["a trailing comma", '{"a":1,}', /expected a key in double quotes/],
    ["a missing colon", '{"a" 1}', /expected ':'/],
    ["a bare word", '{"a":hunter2}', /expected a value/],
    ["an open string", '{"a":"hunter2', /column 6: the string that begins here never ends/],
    ["a raw newline", '"a\nb"', /control character/],
    ["a bad escape", '"\\x41"', /not an escape sequence/],
    ["a leading zero", "[01]", /expected ',' or '\]'/],
    ["a comment", "{} // no", /nothing may follow/],
  ];
  for (const [what, text, message] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => parseJson(text), { reason: "BadRequest", message }));
  }

  it("never quotes a value", () => {
    for (const text of ['{"data":{"k":"hunter2}}', '{"data":{"k":hunter2}}', '{"data":"hunter2" "x"}', "hunter2"]) {
      assert.throws(
        () => parseJson(text),
        (error: Error) => !error.message.includes("hunter"),
      );
    }
  });

  it("accepts 64 levels, refuses bad UTF-8 and more than 3 MiB", () => {
    assert.ok(parseJson("[".repeat(64) + "]".repeat(64)));
    assert.throws(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22)), { reason: "BadRequest", message: /UTF-8/ });
    assert.throws(() => parseJson(Buffer.alloc(3 * 1024 * 1024 + 1, " ")), { reason: "RequestEntityTooLarge" });
  });

  it("throws nothing but its own error, and only where JSON.parse or a stated rule refuses", () => {
    const noise = fc.string({
      unit: fc.constantFrom(...'{}[]:,"\\ue0a1-.\n tfn', "true", "null", '"a"'),
      maxLength: 30,
    });
    fc.assert(
      fc.property(noise, (text) => {
        try {
          assert.deepEqual(parseJson(text), JSON.parse(text));
        } catch (error) {
          assert.ok(error instanceof StatusError, String(error));
          assert.doesNotMatch(error.message, /cannot be read/);
        }
      }),
      { numRuns: repeats(6_000) },
    );
  });
});
