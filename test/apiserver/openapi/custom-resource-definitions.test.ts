import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { customResourceDefinitions } from "../../../apiserver/openapi/custom-resource-definitions.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever is printed
const definitions = customResourceDefinitions() as any[];

/** What `JSONSchemaProps` of apiextensions.k8s.io/v1 has, but the words that a structural schema may not use. */
const words = new Set(
  "description format title type nullable default enum maximum minimum exclusiveMaximum exclusiveMinimum maxLength minLength pattern maxItems minItems maxProperties minProperties multipleOf required properties items additionalProperties x-kubernetes-int-or-string x-kubernetes-preserve-unknown-fields x-kubernetes-list-type x-kubernetes-list-map-keys x-kubernetes-map-type".split(
    " ",
  ),
);
const types = ["object", "array", "string", "integer", "number", "boolean"];

/** Kubernetes' rules of structural schemas, as far as ours use them; each fault with its path. */
function faultsOf(schema: JsonObject, path: string): string[] {
  const { type, properties, items, additionalProperties, required = [] } = schema;
  const fields = isObject(properties) ? (properties as Record<string, JsonObject>) : {};
  const untyped = schema["x-kubernetes-int-or-string"] || schema["x-kubernetes-preserve-unknown-fields"];
  const item = items as JsonObject | undefined;
  const keys = schema["x-kubernetes-list-map-keys"] as string[] | undefined;
  const itemFields = item?.properties as Record<string, JsonObject> | undefined;
  return [
    ...Object.keys(schema).flatMap((word) => (words.has(word) ? [] : [`${path}: ${word}`])),
    ...((typeof type === "string" ? types.includes(type) : type === undefined && untyped) ? [] : [`${path}: no type`]),
    ...(properties && additionalProperties ? [`${path}: both properties and additionalProperties`] : []),
    ...(type === "array" && !item ? [`${path}: no items`] : []),
    ...(required as string[]).flatMap((name) => (fields[name] ? [] : [`${path}: ${name} is required and not there`])),
    ...(schema["x-kubernetes-list-type"] === "map" && !keys ? [`${path}: no keys`] : []),
    ...(keys ?? []).flatMap((key) => {
      const isSure =
        (item?.required as string[] | undefined)?.includes(key) || itemFields?.[key]?.default !== undefined;
      return isSure ? [] : [`${path}: key ${key} is neither required nor has it a default`];
    }),
    ...Object.entries(fields).flatMap(([name, field]) => faultsOf(field, `${path}.${name}`)),
    ...(item ? faultsOf(item, `${path}[]`) : []),
    ...(isObject(additionalProperties) ? faultsOf(additionalProperties, `${path}{}`) : []),
  ];
}

describe("the CustomResourceDefinitions", () => {
  it("are those of the stored kinds of our own group", () => {
    assert.deepEqual(
      definitions.map(({ metadata }) => metadata.name),
      ["processes.wctl.dev", "instances.wctl.dev", "gitsources.wctl.dev"],
    );
  });

  it("have structural schemas", () => {
    for (const { spec } of definitions) {
      const { openAPIV3Schema: schema } = spec.versions[0].schema;
      assert.deepEqual(faultsOf(schema, spec.names.kind), []);
      assert.deepEqual(schema.properties.metadata, { type: "object" });
      assert.deepEqual(schema.required, ["spec"]);
    }
    assert.deepEqual(faultsOf({ const: 1, properties: {} }, "x"), ["x: const", "x: no type"]);
  });

  it("say what a server must know beside the schema", () => {
    const [processes, instances] = definitions.map(({ spec }) => spec.versions[0]);
    assert.deepEqual(processes.subresources, {
      status: {},
      scale: {
        specReplicasPath: ".spec.replicas",
        statusReplicasPath: ".status.replicas",
        labelSelectorPath: ".status.selector",
      },
    });
    assert.deepEqual(instances.subresources, { status: {} });
    assert.deepEqual(instances.selectableFields, [{ jsonPath: ".spec.nodeName" }, { jsonPath: ".status.phase" }]);
    const at = (schema: JsonObject, path: string): JsonObject | undefined =>
      path
        .split(".")
        .slice(1)
        .reduce<JsonObject | undefined>(
          (found, part) => (found?.properties as Record<string, JsonObject>)?.[part],
          schema,
        );
    for (const { additionalPrinterColumns: columns, schema } of [processes, instances]) {
      assert.deepEqual(
        columns.slice(0, 4).map(({ name }: { name: string }) => name),
        ["Ready", "Status", "Restarts", "Age"],
      );
      for (const { jsonPath, type } of columns)
        if (type !== "date") assert.equal(at(schema.openAPIV3Schema, jsonPath)?.type, type, jsonPath);
    }
  });

  it("fit where kubectl apply keeps what it has applied", () => {
    for (const one of definitions) assert.ok(JSON.stringify(one).length < 200_000, one.metadata.name);
  });
});
