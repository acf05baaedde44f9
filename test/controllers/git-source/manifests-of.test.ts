import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Variables } from "../../../api/variables/expand.ts";
import { readYaml } from "../../../api/yaml/yaml-document.ts";
import { builtManifests, manifestsOf } from "../../../controllers/git-source/manifests-of.ts";

const yaml = {
  readYaml: async (source: Uint8Array, file: string, variables?: Variables) =>
    readYaml(source, file, variables && { variables }),
};
const placement = { path: ".", namespace: "default", targetNamespace: undefined };

function read(texts: Record<string, string>, variables?: Variables) {
  const files = Object.entries(texts).map(([path, text]) => ({ path, oid: path, bytes: Buffer.from(text) }));
  const inputs = { opener: undefined, variables, version: "1" };
  return texts["kustomization.yaml"] === undefined
    ? manifestsOf(files, placement, inputs, yaml)
    : builtManifests(files, "c0", placement, inputs, yaml);
}

const problemsOf = async (...of: Parameters<typeof read>): Promise<string[]> =>
  (await read(...of)).flatMap(({ problem }) => problem ?? []);

const many = (text: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: 14 }, (_, n) => [`m${n}.yaml`, text.replace("NAME", `m${n}`)]));

describe("the manifests of a revision", () => {
  const grown = /aliases and variables put more than 33554432 characters into this revision: write them out$/;
  const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\ndata:\n";
  const aliases = `${head}  a: &a ${"x".repeat(5000)}\n${Array.from({ length: 500 }, (_, n) => `  b${n}: *a\n`).join("")}`;
  const variables: Variables = new Map([["X", { value: "x".repeat(2_500_000), isSecret: false }]]);

  it("are as large as they are written, but for a bounded part, however many files there are", async () => {
    assert.match((await problemsOf(many(aliases)))[0] ?? "", grown);
    assert.match((await problemsOf(many(`${head}  a: "a$\{X}"\n`), variables))[0] ?? "", grown);
    const kustomization = `resources: [${Object.keys(many("")).join(", ")}]`;
    assert.match((await problemsOf({ "kustomization.yaml": kustomization, ...many(aliases) }))[0] ?? "", grown);
    const { "m0.yaml": one = "" } = many(aliases);
    assert.deepEqual(await problemsOf({ "m0.yaml": one }), []);
  });
});
