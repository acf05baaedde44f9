/** The manifests that the documentation shows have fields and values that their schemas know. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { schemas } from "../../../api/schemas.generated.ts";
import { readYaml } from "../../../api/yaml/read-yaml.ts";
import { prune, type UnknownField } from "../../../apiserver/admission/prune.ts";
import type { Schema } from "../../../apiserver/admission/schema.ts";
import { validateSchema } from "../../../apiserver/admission/validate.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";

const root = join(import.meta.dirname, "../../..");
const known = schemas as unknown as Record<string, Schema>;

/** Each block of YAML in the pages, with its line. */
const blocks = globSync("{README.md,docs/*.md,docs/guides/*.md,docs/kinds/*.md}", { cwd: root }).flatMap((page) => {
  const text = readFileSync(join(root, page), "utf8");
  return Array.from(text.matchAll(/^```yaml\n([\s\S]*?)^```/gm), ({ 1: yaml, index }) => ({
    place: `${page}:${text.slice(0, index).split("\n").length}`,
    yaml: yaml!,
  }));
});

/** A whole Object as it is; of a Process also its `spec` alone, or fields of it. Undefined for what is no manifest of ours. */
function objectIn(value: unknown): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  if (typeof value.kind === "string") return value;
  const spec = isObject(value.spec) ? value.spec : value;
  const fields = Object.keys(known.Process!.properties!.spec!.properties!);
  if (!Object.keys(spec).every((field) => fields.includes(field))) return undefined;
  return {
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: { name: "x" },
    spec: { command: "x", ...spec },
  };
}

describe("the manifests in the documentation", () => {
  it("are valid, as far as a schema can say", () => {
    const faults: string[] = [];
    let checked = 0;
    for (const { place, yaml } of blocks) {
      // The same field once more shows another way to write it: each line stands for itself.
      const texts = /^runAs: .*\nrunAs: /m.test(yaml) ? yaml.trimEnd().split("\n") : [yaml];
      for (const { value } of texts.flatMap((text) => readYaml(text, place))) {
        const object = objectIn(value);
        const schema = object && known[object.kind as string];
        if (!schema) continue;
        checked++;
        const unknown: UnknownField[] = [];
        prune(object, schema, "", unknown);
        faults.push(...unknown.map(({ path, name }) => `${place}: ${path} ${name} is unknown`));
        faults.push(...validateSchema(object, schema, "").map((fault) => `${place}: ${JSON.stringify(fault)}`));
      }
    }
    assert.deepEqual(faults, []);
    assert.ok(checked > 15, `${checked} found`);
  });
});
