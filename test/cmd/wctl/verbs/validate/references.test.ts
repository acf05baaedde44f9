import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { referencesOf } from "../../../../../api/instance-references.ts";
import { parseManifests } from "../../../../../api/manifests/parse-manifests.ts";
import type { Process } from "../../../../../api/types.generated.ts";
import { referencesIn } from "../../../../../cmd/wctl/verbs/validate/references.ts";

describe("the references of a Process", () => {
  it("are all that its agent may read, and those it depends on, with the fields that name them", () => {
    const examples = join(import.meta.dirname, "../../../../../manifests/examples");
    const objects = parseManifests(readFileSync(join(examples, "every-field.yaml")), "f").map(({ object }) => object);
    const processes = objects.filter(({ kind }) => kind === "Process") as Process[];
    assert.ok(processes.length > 0);
    for (const { spec } of processes) {
      const found = referencesIn(spec);
      const namesOf = (kind: string): Set<string> =>
        new Set(found.filter((one) => one.kind === kind).map(({ name }) => name));
      const known = referencesOf({ ...spec, nodeName: "", index: 0, revision: "", processName: "" });
      assert.deepEqual(namesOf("Secret"), new Set(known.secrets));
      assert.deepEqual(namesOf("ConfigMap"), new Set(known.configMaps));
      assert.deepEqual(
        [...namesOf("Process")],
        (spec.dependsOn ?? []).map(({ name }) => name),
      );
    }
  });

  it("are looked for in anything that a file may have", () => {
    for (const spec of [undefined, null, 1, [], { dependsOn: 1, env: [null, { valueFrom: { secretKeyRef: "x" } }] }]) {
      assert.deepEqual(referencesIn(spec), []);
    }
  });
});
