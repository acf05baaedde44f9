/** The example repository is built as it stands, and what comes out is valid. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isSealed } from "../../../../api/age-file.ts";
import { buildFolder } from "../../../../api/manifests/kustomization/build.ts";
import { parseManifests } from "../../../../api/manifests/parse-manifests.ts";
import type { KubeObject } from "../../../../api/object.ts";
import { schemas } from "../../../../api/schemas.generated.ts";
import { readYaml } from "../../../../api/yaml/read-yaml.ts";
import { prune, type UnknownField } from "../../../../apiserver/admission/prune.ts";
import type { Schema } from "../../../../apiserver/admission/schema.ts";
import { validateSchema } from "../../../../apiserver/admission/validate.ts";
import type { JsonObject } from "../../../../lib/json-object.ts";

const root = join(import.meta.dirname, "../../../../manifests/gitops");
const files = new Map(
  globSync("**/*.*", { cwd: root }).map((path) => [path.replaceAll("\\", "/"), readFileSync(join(root, path))]),
);

async function built(folder: string): Promise<KubeObject[]> {
  const manifests = await buildFolder({ files, readYaml: async (bytes, file) => readYaml(bytes, file) }, folder);
  return manifests.map(({ object }) => object);
}

function faultsOf(object: KubeObject): unknown[] {
  const schema = (schemas as unknown as Record<string, Schema>)[object.kind] as Schema;
  const unknown: UnknownField[] = [];
  prune(object as unknown as JsonObject, schema, "", unknown);
  return [...unknown, ...validateSchema(object, schema, "")];
}

describe("manifests/gitops", () => {
  it("is built for each of its hosts", async () => {
    const first = await built("hosts/box-1");
    const second = await built("hosts/box-2");
    const source = parseManifests(files.get("source.yaml") ?? "", "source.yaml").map(({ object }) => object);
    assert.deepEqual([...first, ...second, ...source].flatMap(faultsOf), []);

    const names = (objects: readonly KubeObject[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    assert.deepEqual(names(first), ["Process web", "ConfigMap web", "Secret web-key"]);
    const [own, , sealed] = first as (KubeObject & { spec?: JsonObject; stringData?: Record<string, string> })[];
    assert.deepEqual(own?.spec?.envFrom, [{ configMapRef: { name: "web" } }, { secretRef: { name: "web-key" } }]);
    assert.equal(isSealed(sealed?.stringData?.API_KEY ?? ""), true, "nothing secret is in the clear");
    assert.deepEqual(names(second), ["Process web", "ConfigMap web", "Process ticker"]);

    const [web, config] = second as (KubeObject & { spec?: JsonObject; data?: JsonObject })[];
    assert.equal(web?.spec?.replicas, 2);
    assert.deepEqual(web?.spec?.stop, { gracePeriodSeconds: 30 });
    assert.deepEqual(config?.data, { GREETING: "hello from box-2", "web.conf": "colour = green\n" });
    assert.deepEqual(config?.metadata.annotations, { "example.com/rack": "7" });
    assert.deepEqual(config?.metadata.labels, { "app.kubernetes.io/managed-by": "fleet" });
  });
});
