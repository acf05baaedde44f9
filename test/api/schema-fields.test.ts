import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fieldsOf, objectIn, type ReadableSchema, schemaAt, typeOf } from "../../api/schema-fields.ts";
import { schemas } from "../../api/schemas.generated.ts";

const schema: ReadableSchema = {
  type: "object",
  required: ["name"],
  properties: {
    name: { type: "string", maxLength: 63, description: "Which." },
    policy: { type: "string", enum: ["Always", "Never"], default: "Always" },
    ports: { type: "array", maxItems: 32, items: { title: "Port", type: "object", properties: { port: {} } } },
    codes: { type: "array", minItems: 1, items: { type: "integer", minimum: 0, maximum: 255 }, default: [0] },
    data: { type: "object", additionalProperties: { type: "string" } },
    stop: { type: "object", default: {}, properties: { after: { type: ["string", "null"] } } },
    cpu: { type: ["integer", "number", "string"], minimum: 0 },
  },
};

describe("the fields of a schema", () => {
  it("have the types that people know from kubectl explain", () => {
    assert.deepEqual(
      fieldsOf(schema).map(({ name, type }) => `${name} ${type}`),
      [
        "name string",
        "policy string",
        "ports []Port",
        "codes []integer",
        "data map[string]string",
        "stop Object",
      ].concat("cpu number or string"),
    );
    assert.equal(typeOf({ type: ["string", "null"] }), "string");
  });

  it("say what is required, what is allowed, and the default as it would be written", () => {
    const of = Object.fromEntries(fieldsOf(schema).map((field) => [field.name, field]));
    assert.deepEqual([of.name!.isRequired, of.policy!.isRequired], [true, false]);
    assert.deepEqual([of.policy!.default, of.codes!.default, of.stop!.default], ["Always", "[0]", undefined]);
    assert.equal(of.name!.allowed, "at most 63 characters");
    assert.equal(of.policy!.allowed, "Always, Never");
    assert.equal(of.ports!.allowed, "at most 32 items");
    assert.equal(of.codes!.allowed, "each 0 to 255; at least 1 item");
    assert.equal(of.cpu!.allowed, "at least 0");
    assert.equal(of.data!.allowed, undefined);
  });

  it("are found by their path, through lists and maps", () => {
    assert.equal(schemaAt(schema, ["stop", "after"])?.type?.[0], "string");
    assert.deepEqual(schemaAt(schema, ["ports", "port"]), {});
    assert.equal(schemaAt(schema, ["stop", "before"]), undefined);
    assert.equal(schemaAt(schema, ["name", "first"]), undefined);
    assert.equal(objectIn(schema.properties!.data!), undefined);
  });

  it("have a description each, in every kind", () => {
    const bare: string[] = [];
    const walk = (object: ReadableSchema, path: string): void => {
      for (const field of fieldsOf(object)) {
        const at = `${path}.${field.name}`;
        if (field.description === "" && field.name !== "apiVersion" && field.name !== "kind") bare.push(at);
        if (field.object) walk(field.object, at);
      }
    };
    for (const [kind, one] of Object.entries(schemas)) walk(one as unknown as ReadableSchema, kind);
    assert.deepEqual(bare, [], "give it one in schemas/: what it means, and its unit");
  });
});
