import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { referencesOf } from "../../api/instance-references.ts";
import { schemas } from "../../api/schemas.generated.ts";
import type { Instance } from "../../api/types.generated.ts";

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  $ref?: string;
}

/** Every place in a spec where an Object is named, as the path of fields that leads there. */
function places(schema: Schema, root: Schema, path: readonly string[] = []): string[][] {
  if (schema.$ref) return places(resolve(schema.$ref, root), root, path);
  if (schema.items) return places(schema.items, root, [...path, "[]"]);
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    /^(secret|configMap)(Key)?Ref$|SecretRef$/.test(name) ? [[...path, name]] : places(inner, root, [...path, name]),
  );
}

const resolve = (reference: string, root: Schema): Schema =>
  reference
    .replace(/^#\//, "")
    .split("/")
    .reduce((at, part) => (at as Record<string, Schema>)[part]!, root as unknown as Schema);

/** The smallest spec that has `value` there. */
const specWith = (path: readonly string[], value: object): unknown => {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  return first === "[]" ? [specWith(rest, value)] : { [first]: specWith(rest, value) };
};

describe("what an Instance names", () => {
  const instance = schemas.Instance as Schema;
  const found = places(instance.properties!.spec!, instance);

  it("is named in as many places as the schema has", () => {
    assert.deepEqual(
      found.map((path) => path.join(".")).toSorted(),
      [
        "env.[].valueFrom.configMapKeyRef",
        "env.[].valueFrom.secretKeyRef",
        "envFrom.[].configMapRef",
        "envFrom.[].secretRef",
        "files.[].configMapRef",
        "files.[].secretRef",
        "livenessProbe.httpGet.httpHeaders.[].valueFrom.secretKeyRef",
        "readinessProbe.httpGet.httpHeaders.[].valueFrom.secretKeyRef",
        "runAs.passwordSecretRef",
        "startupProbe.httpGet.httpHeaders.[].valueFrom.secretKeyRef",
      ].toSorted(),
    );
  });

  for (const path of found) {
    it(`is seen in ${path.join(".")}`, () => {
      const { secrets, configMaps } = referencesOf(specWith(path, { name: "x", key: "k" }) as Instance["spec"]);
      const isSecret = /secret/i.test(path.at(-1)!);
      assert.deepEqual([[...secrets], [...configMaps]], isSecret ? [["x"], []] : [[], ["x"]]);
    });
  }

  it("is nothing when nothing is named", () => {
    const { secrets, configMaps } = referencesOf({
      command: "a",
      env: [{ name: "A", value: "1" }],
    } as Instance["spec"]);
    assert.equal(secrets.size + configMaps.size, 0);
  });
});
