/** The examples of docs/kinds are what their schemas describe. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { schemas } from "../../../api/schemas.generated.ts";
import { readYaml } from "../../../api/yaml/read-yaml.ts";
import { prune, type UnknownField } from "../../../apiserver/admission/prune.ts";
import type { Schema } from "../../../apiserver/admission/schema.ts";
import { validateSchema } from "../../../apiserver/admission/validate.ts";

const folder = join(import.meta.dirname, "../../../schemas/examples");
const known = schemas as unknown as Record<string, Schema>;

describe("the example of each kind", () => {
  for (const file of globSync("*.yaml", { cwd: folder })) {
    it(`${basename(file, ".yaml")} has fields and values that its schema knows`, () => {
      const [{ value } = { value: undefined }, ...more] = readYaml(readFileSync(join(folder, file)), file);
      const { kind = "DaemonConfig" } = value as { kind?: string };
      assert.deepEqual(more, []);
      assert.deepEqual(validateSchema(value, known[kind]!, ""), []);
      const unknown: UnknownField[] = [];
      prune(value, known[kind]!, "", unknown);
      assert.deepEqual(unknown, []);
    });
  }
});
