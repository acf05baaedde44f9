import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseJsonManifests, readJsonDocument } from "../../api/json-manifest.ts";
import { readYaml } from "../../api/manifest.ts";

const keys = fc.constantFrom("a", "b", "a.b", "items", 'q"', "back\\slash", "app.kubernetes.io/name", "0", "ü{[");
const scalars = fc.oneof(
  fc.constantFrom("", "}", '"', "]", "\\", ",", "ü"),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small" }, scalars, fc.array(tie("value"), { maxLength: 3 }), tie("object")),
  object: fc.dictionary(keys, tie("value"), { maxKeys: 4 }),
}));

/** Every path that a value has, in the two ways of writing keys. */
function* paths(value: unknown, path: string): Generator<string> {
  yield path;
  if (Array.isArray(value)) for (const [at, item] of value.entries()) yield* paths(item, `${path}[${at}]`);
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value)) {
      yield* paths(item, path === "" ? key : `${path}.${key}`);
      yield `${path}[${key}]`;
    }
}

describe("a JSON document", () => {
  it("means, and has its fields on the lines, that the YAML parser says", () => {
    const indents = fc.constantFrom(undefined, 1, 2, "\t");
    fc.assert(
      fc.property(fc.dictionary(keys, values), indents, (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const json = readJsonDocument(text, "f")!;
        const [yaml] = readYaml(text, "f");
        assert.deepEqual(json.value, yaml!.value);
        for (const path of [...paths(object, ""), "none", "a[7]", "[a"])
          assert.deepEqual(json.lineOf(path), yaml!.lineOf(path), `${path} of ${text}`);
      }),
      { numRuns: 3_000 },
    );
  });

  it("is left to the YAML parser when it is more, less or other than one acceptable object", () => {
    for (const text of [
      '{"a":1,"a":2}',
      "{a: 1}",
      "[]",
      '{"a":1} # why',
      '{"__proto__":1}',
      '{"a":1}\n---\nb: 1',
      " {}",
    ])
      assert.equal(parseJsonManifests(text, "f"), undefined, text);
  });
});
