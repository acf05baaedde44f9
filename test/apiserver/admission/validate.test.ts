import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ajv, type ErrorObject } from "ajv";
import fc from "fast-check";
import { schemas } from "../../../api/schemas.generated.ts";
import type { Schema } from "../../../apiserver/admission/schema.ts";
import { validateSchema } from "../../../apiserver/admission/validate.ts";
import { kinds } from "../../../apiserver/kinds/kinds.ts";
import { repeats } from "../../repeats.ts";
import { hostileManifest } from "./hostile-manifests.ts";

const inspected = ["type", "const", "enum", "minLength", "maxLength", "pattern", "format", "minimum", "maximum"];
const walked = ["minItems", "maxItems", "required", "properties", "additionalProperties", "items"];
const readByOthers = ["default", "title", "description", "$schema", "$id"];
const knownKeywords = new Set([...inspected, ...walked, ...readByOthers]);

/** Every schema below this one, itself included. */
function* parts(schema: Schema): Generator<Schema> {
  yield schema;
  for (const below of [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties])
    if (below) yield* parts(below);
}

/** Made up anew in every run. */
const MANIFESTS = repeats(1_500);

describe("the schemas", () => {
  for (const [kind, schema] of Object.entries(schemas)) {
    it(`of ${kind} say nothing that validation does not know`, () => {
      for (const part of parts(schema as unknown as Schema)) {
        const strange = Object.keys(part).filter((key) => !knownKeywords.has(key) && !key.startsWith("x-kubernetes-"));
        assert.deepEqual(strange, [], "teach it to apiserver/admission/validate.ts");
        assert.ok([undefined, "date-time", "byte"].includes(part.format), `format ${part.format}`);
      }
    });
  }
});

describe("validation", () => {
  const formats = {
    "date-time": (text: string) => validateSchema(text, { format: "date-time" }, "").length === 0,
    byte: (text: string) => validateSchema(text, { format: "byte" }, "").length === 0,
  };
  const ajv = new Ajv({ strict: false, strictNumbers: true, allErrors: true, ownProperties: true, formats });
  const reference = (value: unknown, schema: Schema): string[] => {
    ajv.validate(schema, value);
    return (ajv.errors ?? []).map((error) => fieldOf(error, value)).sort();
  };

  it("finds the faults that another implementation of JSON Schema finds, in the same fields", () => {
    const anyKind = fc.constantFrom(...kinds);
    let faulty = 0;
    fc.assert(
      fc.property(anyKind, fc.integer(), fc.nat({ max: 6 }), ({ resource, schema: { body } }, seed, mutations) => {
        const manifest = JSON.parse(JSON.stringify(hostileManifest(resource, seed, mutations) ?? null)) as unknown;
        const found = validateSchema(manifest, body, "").map(({ field }) => field);
        if (found.length > 0) faulty++;
        if (found.length < 100) assert.deepEqual(found.sort(), reference(manifest, body));
      }),
      { numRuns: MANIFESTS },
    );
    assert.ok(faulty > MANIFESTS / 5, `${faulty} faulty: about a third are`);
  });

  const cases: [name: string, schema: Schema, value: unknown, fields: string[]][] = [
    ["a pair of surrogates is one character", { maxLength: 1 }, "\u{1f600}", []],
    ["two are two", { maxLength: 1 }, "\u{1f600}\u{1f600}", ["x"]],
    ["and count for the least length", { minLength: 2 }, "\u{1f600}", ["x"]],
    ["a whole number may be written with a fraction", { type: "integer" }, 1.0, []],
    ["infinity is no number", { type: "number" }, Number.POSITIVE_INFINITY, ["x"]],
    ["an absent value is missing", { required: ["a"] }, { a: undefined }, ["x.a"]],
    ["what every object inherits is not there", { required: ["toString"] }, {}, ["x.toString"]],
    ["null is a type of its own", { type: ["string", "null"] }, null, []],
    ["and not an object", { type: "object" }, null, ["x"]],
  ];
  for (const [name, schema, value, fields] of cases) {
    it(name, () =>
      assert.deepEqual(
        validateSchema(value, schema, "x").map(({ field }) => field),
        fields,
      ),
    );
  }
});

/** `/env/0/name` is `env[0].name` where env is a list. */
function fieldOf({ instancePath, keyword, params }: ErrorObject, root: unknown): string {
  const keys = instancePath.split("/").slice(1);
  if (keyword === "required") keys.push(params.missingProperty as string);
  let [field, at] = ["", root];
  for (const token of keys) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    const shown = key.length > 300 ? `${key.slice(0, 300)}…` : key;
    field = Array.isArray(at) ? `${field}[${key}]` : field === "" ? shown : `${field}.${shown}`;
    at = (at as Record<string, unknown> | undefined)?.[key];
  }
  return field;
}
